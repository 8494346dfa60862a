package io.terway.ipam.k8s;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.ipam.ConfigReading;
import io.terway.ipam.EniConfig;
import io.terway.ipam.EniConfigMap;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.VSwitchSupply;
import io.terway.ipam.VpcChecks;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.link.PatientWatch;
import io.terway.net.Cidr;
import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Follows the eni-config ConfigMap. An invalid one is refused with an event and the last good one stays. */
public final class ConfigWatch implements Terms.Follower, AutoCloseable {

    static final String NAME = "eni-config";

    private static final Logger LOG = Logger.getLogger(ConfigWatch.class);
    private final Terms terms;
    private final EventWriter events;
    private final SharedIndexInformer<ConfigMap> informer;
    private Optional<IpamEvent.ConfigChanged> lastGood = Optional.empty(); // guarded by this
    private Map<String, String> data = Map.of(); // guarded by this
    private Map<String, Map<String, String>> overrides = Map.of(); // guarded by this
    private boolean heard; // guarded by this
    private List<String> contradictions = List.of(); // guarded by this
    private volatile Consumer<EniConfig> listener = _ -> {};

    public ConfigWatch(KubernetesClient client, String namespace, Terms terms, EventWriter events) {
        this.terms = terms;
        this.events = events;
        informer = client.configMaps().inNamespace(namespace).withName(NAME).runnableInformer(0);
        informer.exceptionHandler(new PatientWatch("the ConfigMap " + NAME));
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(ConfigMap map) {
                changed(map);
            }

            @Override
            public void onUpdate(ConfigMap before, ConfigMap map) {
                changed(map);
            }

            @Override
            public void onDelete(ConfigMap map, boolean finalStateUnknown) {
                events.config(
                        true, "EniConfigGone", "ConfigMap eni-config was deleted; the last good one stays in force");
            }

            @Override
            public void onNothing() {
                changed(new ConfigMap());
            }
        });
    }

    /** @param listener told each configuration of the cluster that comes in force */
    public void listen(Consumer<EniConfig> listener) {
        this.listener = listener;
    }

    public void start() {
        informer.start();
    }

    /** True once the first answer was read: the ConfigMap, or that there is none. */
    public synchronized boolean synced() {
        return informer.hasSynced() && heard;
    }

    @Override
    public synchronized void begins(LoopThread loop) {
        lastGood.ifPresent(loop::put);
    }

    @Override
    public void ends(LoopThread loop) {}

    @Override
    public void close() {
        informer.stop();
    }

    /** The ConfigMaps that labels of nodes name, by name; one that does not exist is left out. */
    synchronized void overridden(Map<String, Map<String, String>> found) {
        if (!found.equals(overrides)) {
            overrides = Map.copyOf(found);
            if (heard) {
                read();
            }
        }
    }

    /**
     * What the VPC has, as the leader sees it now and then: a configuration that contradicts it is told so, once.
     *
     * @param nodes their pod CIDRs
     */
    public synchronized void vpc(List<VSwitchSupply> vSwitches, Map<NodeName, List<Cidr>> nodes) {
        if (lastGood.isEmpty() || vSwitches.isEmpty()) {
            return;
        }
        List<String> problems =
                new ArrayList<>(VpcChecks.problems(lastGood.get().config(), vSwitches, nodes));
        lastGood.get()
                .overrides()
                .forEach((name, config) -> VpcChecks.problems(config, vSwitches, Map.of()).stream()
                        .map(problem -> name + ": " + problem)
                        .forEach(problems::add));
        if (!problems.equals(contradictions)) {
            contradictions = List.copyOf(problems);
            problems.forEach(problem -> LOG.warnf("eni-config: %s", problem));
            if (!problems.isEmpty()) {
                events.config(true, "VpcMismatch", String.join("; ", problems));
            }
        }
    }

    private synchronized void changed(ConfigMap map) {
        heard = true;
        data = map.getData() == null ? Map.of() : Map.copyOf(map.getData());
        read();
    }

    /** For tests: a configuration without its ConfigMap. */
    synchronized void inForce(EniConfig config) {
        lastGood = Optional.of(new IpamEvent.ConfigChanged(config));
    }

    private void read() {
        switch (EniConfigMap.read(data)) {
            case ConfigReading.Refused refused -> refuse(NAME, refused);
            case ConfigReading.Accepted accepted -> {
                var next = new IpamEvent.ConfigChanged(accepted.config(), readOverrides());
                if (!lastGood.equals(Optional.of(next))) {
                    lastGood = Optional.of(next);
                    accepted.remarks().forEach(remark -> LOG.infof("eni-config: %s", remark));
                    terms.tell(next);
                    listener.accept(next.config());
                    events.config(false, "EniConfigAccepted", accepted(accepted));
                }
            }
        }
    }

    private static String accepted(ConfigReading.Accepted accepted) {
        String remarks = String.join("; ", accepted.remarks());
        return "in force, " + accepted.config().mode() + " mode" + (remarks.isEmpty() ? "" : "; " + remarks);
    }

    private Map<String, EniConfig> readOverrides() {
        Map<String, EniConfig> read = new HashMap<>();
        overrides.forEach((name, override) -> {
            switch (EniConfigMap.read(data, override)) {
                case ConfigReading.Refused refused -> {
                    refuse(name, refused);
                    lastGood.map(last -> last.overrides().get(name)).ifPresent(good -> read.put(name, good));
                }
                case ConfigReading.Accepted accepted -> read.put(name, accepted.config());
            }
        });
        return read;
    }

    private void refuse(String name, ConfigReading.Refused refused) {
        String problems = String.join("; ", refused.problems());
        LOG.errorf("%s is refused, the last good one stays: %s", name, problems);
        events.config(true, "EniConfigRefused", name + ": " + problems);
    }
}
