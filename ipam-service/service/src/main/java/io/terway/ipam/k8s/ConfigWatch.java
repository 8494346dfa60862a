package io.terway.ipam.k8s;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.ipam.ConfigReading;
import io.terway.ipam.EniConfig;
import io.terway.ipam.EniConfigReader;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Follows the eni-config ConfigMap. An invalid one is refused with an event and the last good one stays. */
public final class ConfigWatch implements Terms.Follower, AutoCloseable {

    static final String NAME = "eni-config";

    private static final Logger LOG = Logger.getLogger(ConfigWatch.class);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            .build();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private final Terms terms;
    private final EventWriter events;
    private final SharedIndexInformer<ConfigMap> informer;
    private Optional<EniConfig> lastGood = Optional.empty(); // guarded by this
    private boolean heard; // guarded by this

    public ConfigWatch(KubernetesClient client, String namespace, Terms terms, EventWriter events) {
        this.terms = terms;
        this.events = events;
        informer = client.configMaps().inNamespace(namespace).withName(NAME).runnableInformer(0);
        informer.exceptionHandler((started, failure) -> true);
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

    public void start() {
        informer.start();
    }

    /** True once the first answer was read: the ConfigMap, or that there is none. */
    public synchronized boolean synced() {
        return informer.hasSynced() && heard;
    }

    @Override
    public synchronized void begins(LoopThread loop) {
        lastGood.ifPresent(config -> loop.put(new IpamEvent.ConfigChanged(config)));
    }

    @Override
    public void ends(LoopThread loop) {}

    @Override
    public void close() {
        informer.stop();
    }

    private synchronized void changed(ConfigMap map) {
        heard = true;
        Map<String, String> data = map.getData() == null ? Map.of() : map.getData();
        switch (read(data)) {
            case ConfigReading.Refused refused -> {
                String problems = String.join("; ", refused.problems());
                LOG.errorf("eni-config is refused, the last good one stays: %s", problems);
                events.config(true, "EniConfigRefused", problems);
            }
            case ConfigReading.Accepted accepted -> {
                accepted.remarks().forEach(remark -> LOG.infof("eni-config: %s", remark));
                if (!lastGood.equals(Optional.of(accepted.config()))) {
                    lastGood = Optional.of(accepted.config());
                    terms.tell(new IpamEvent.ConfigChanged(accepted.config()));
                    events.config(false, "EniConfigAccepted", String.join("; ", accepted.remarks()));
                }
            }
        }
    }

    /** Reads a ConfigMap's data; an absent eni_conf means the defaults. */
    public static ConfigReading read(Map<String, String> data) {
        try {
            Map<String, Object> eniConf = JSON.readValue(data.getOrDefault("eni_conf", "{}"), OBJECT);
            return EniConfigReader.read(eniConf, cniConf(data));
        } catch (JsonProcessingException e) {
            return new ConfigReading.Refused(List.of("eni-config is not JSON: " + e.getOriginalMessage() + " at line "
                    + (e.getLocation() == null ? 0 : e.getLocation().getLineNr())));
        }
    }

    /** The terway entry of the list form, or the single form. */
    private static Map<String, Object> cniConf(Map<String, String> data) throws JsonProcessingException {
        String text = data.getOrDefault("10-terway.conflist", data.getOrDefault("10-terway.conf", "{}"));
        Map<String, Object> conf = JSON.readValue(text, OBJECT);
        if (conf.get("plugins") instanceof List<?> plugins) {
            for (Object plugin : plugins) {
                if (plugin instanceof Map<?, ?> entry && "terway".equals(entry.get("type"))) {
                    return JSON.convertValue(entry, OBJECT);
                }
            }
            return Map.of();
        }
        return conf;
    }
}
