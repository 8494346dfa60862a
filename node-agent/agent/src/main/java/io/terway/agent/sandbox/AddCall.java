package io.terway.agent.sandbox;

import io.terway.agent.apply.AddResult;
import io.terway.agent.apply.DelResult;
import io.terway.agent.apply.Stages;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.node.EniLinks;
import io.terway.agent.pods.KnownPod;
import io.terway.agent.pods.PodLookup;
import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.cni.CniReply;
import io.terway.cni.CniRequest;
import io.terway.cni.CniResult;
import io.terway.net.NodeName;
import io.terway.node.commit.Claim;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.hostport.HostPort;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.OfferedEni;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * ADD: find the pod, get it addresses, write that down, connect it, answer. Repeating it repeats the answer. Called in
 * the sandbox's lane.
 */
final class AddCall {

    private static final Logger LOG = Logger.getLogger(AddCall.class);

    private final NodeName node;
    private final Ledger ledger;
    private final BootClock clock;
    private final PodLookup pods;
    private final Assigner assigner;
    private final EniLinks links;
    private final Datapath datapath;
    private final Lanes lanes;
    private final Releases releases;
    private final Supply supply;
    private final Supplier<String> quarantine;
    private final BooleanSupplier portsByOthers;

    /**
     * @param quarantine why no new address may be given out; empty when it may
     * @param portsByOthers true while the portmap plugin is in the chain behind us
     */
    AddCall(
            NodeName node,
            Ledger ledger,
            BootClock clock,
            PodLookup pods,
            Assigner assigner,
            EniLinks links,
            Datapath datapath,
            Lanes lanes,
            Releases releases,
            Supply supply,
            Supplier<String> quarantine,
            BooleanSupplier portsByOthers) {
        this.node = node;
        this.ledger = ledger;
        this.clock = clock;
        this.pods = pods;
        this.assigner = assigner;
        this.links = links;
        this.datapath = datapath;
        this.lanes = lanes;
        this.releases = releases;
        this.supply = supply;
        this.quarantine = quarantine;
        this.portsByOthers = portsByOthers;
    }

    CniReply run(CniRequest request, Stopwatch watch) {
        lanes.requireAlive(request);
        releases.settle(request.key());
        Patience patience = new Patience(request, node, lanes, supply, clock.now());
        Optional<Binding> held = ledger.read(state -> state.binding(request.key()));
        if (held.isEmpty()) {
            requireTrust(); // before waiting for a configuration that a damaged ledger does not take
        }
        NodeConfig config = awaitConfig(patience);
        Binding binding = held.isPresent() ? again(held.get(), request) : bind(request, config, patience, watch);
        PodAttachment attachment = awaitLink(binding, held.isEmpty(), patience);
        watch.lap("link");
        // The pod's policy program is asked for here and put in force before the first packet (rule 19), once the
        // agent has a policy session.
        return switch (datapath.add(attachment)) {
            case AddResult.Plumbed plumbed -> {
                watch.lap("plumb[" + shown(plumbed.stages()) + "]");
                yield answer(request, binding, attachment, plumbed);
            }
            case AddResult.NoEni(var eni, var mac) ->
                throw new CniFailure(
                        CniCode.TRY_LATER,
                        binding.pod() + ": neither the node nor the pod has a link with MAC " + mac + " of " + eni
                                + "; is it attached to this instance?");
            case AddResult.Failed failed -> {
                if (held.isEmpty()) {
                    undo(binding);
                }
                throw new CniFailure(CniCode.TRY_LATER, binding.pod() + ": " + failed.step() + ": " + failed.reason());
            }
        };
    }

    private void requireTrust() {
        String closed = quarantine.get();
        if (!closed.isEmpty()) {
            throw new CniFailure(CniCode.TRY_LATER, closed);
        }
    }

    private static void requireNetns(CniRequest request) {
        if (!Files.exists(request.netns())) {
            throw new CniFailure(
                    CniCode.UNKNOWN_CONTAINER,
                    "the network namespace " + request.netns() + " of sandbox " + request.key()
                            + " does not exist (any more)");
        }
        if (HostNetns.is(request.netns())) {
            throw new CniFailure(
                    CniCode.INVALID_ENVIRONMENT,
                    "CNI_NETNS " + request.netns()
                            + " is the node's own network namespace; a pod with hostNetwork needs"
                            + " no CNI call, any other has a namespace of its own");
        }
    }

    private Binding bind(CniRequest request, NodeConfig config, Patience patience, Stopwatch watch) {
        requireTrust();
        requireNetns(request);
        KnownPod pod = pods.find(request.pod());
        pod.unmet(config.mode()).ifPresent(why -> {
            throw new CniFailure(CniCode.REFUSED, "pod " + pod.life().ref() + ": " + why);
        });
        watch.lap("pod");
        Claim claim = new Claim(
                request.key(),
                pod.life(),
                request.netns(),
                config.families(),
                clock.at(request.started()),
                hostPorts(request, config));
        Binding binding = assigner.assign(claim, pod, config, patience);
        watch.lap("assign");
        return binding;
    }

    /** Those we lead to the pod. A pod keeps who served it at its ADD, whatever the configuration says later. */
    private List<HostPort> hostPorts(CniRequest request, NodeConfig config) {
        return config.options().nativeHostPort() && !portsByOthers.getAsBoolean()
                ? request.conf().hostPorts()
                : List.of();
    }

    private Binding again(Binding held, CniRequest request) {
        if (!held.pod().ref().equals(request.pod().ref())) {
            throw new CniFailure(
                    CniCode.INVALID_ENVIRONMENT,
                    "sandbox " + held.key() + " belongs to pod " + held.pod() + ", not to " + request.pod());
        }
        ledger.renew(held, clock.at(request.started()));
        return held;
    }

    private NodeConfig awaitConfig(Patience patience) {
        while (true) {
            long seen = supply.version();
            Optional<NodeConfig> config = ledger.read(state -> state.config());
            if (config.isPresent()) {
                return config.get();
            }
            patience.await(seen, patience.left(), "ipam-service has not configured this node yet");
        }
    }

    /** What the sandbox needs, once the link is there that it depends on. */
    private PodAttachment awaitLink(Binding binding, boolean fresh, Patience patience) {
        while (true) {
            long seen = supply.version();
            Optional<OfferedEni> eni = ledger.read(state -> state.eni(binding.eni()));
            Optional<PodAttachment> attachment = ledger.read(state -> Attachments.of(state, binding, datapath));
            if (attachment.isPresent() && eni.filter(links::isReady).isPresent()) {
                return attachment.get();
            }
            try {
                patience.await(seen, patience.left(), "the link of " + binding.eni() + " has not shown up");
            } catch (CniFailure gaveUp) {
                if (fresh) {
                    ledger.release(binding.key(), false); // nothing was made for it
                }
                throw gaveUp;
            }
        }
    }

    private static CniReply answer(
            CniRequest request, Binding binding, PodAttachment attachment, AddResult.Plumbed plumbed) {
        CniResult result = new CniResult(
                plumbed.hostLink(),
                plumbed.hostMac(),
                binding.key().ifName(),
                plumbed.podMac(),
                binding.netns(),
                binding.ips(),
                binding.ips().stream()
                        .map(ip -> attachment.gateway(ip.family()))
                        .toList(),
                attachment.mtu());
        return CniReply.of(result.render(request.conf()));
    }

    /** The sandbox is not connected, so it holds nothing; what the kernel still has of it stays held until DEL. */
    private void undo(Binding binding) {
        switch (datapath.del(binding.key(), binding.pod().ref(), binding.netns(), binding.ips())) {
            case DelResult.Removed _ -> releases.release(binding.key());
            case DelResult.Failed failed ->
                LOG.warnf("undoing ADD of %s: %s: %s", binding.pod(), failed.step(), failed.reason());
        }
    }

    private static String shown(Stages stages) {
        return "observe " + stages.observe().toNanos() / 1000 + " us, host "
                + stages.host().toNanos() / 1000 + " us, pod " + stages.pod().toNanos() / 1000 + " us, "
                + stages.operations() + " operations";
    }
}
