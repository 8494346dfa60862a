package io.terway.agent.policy;

import io.terway.agent.apply.AddResult;
import io.terway.agent.apply.DelResult;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.ForwardingDatapath;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.ledger.Binding;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A datapath that connects no pod before its policy is in force, and forgets the policy of a pod it cut off. */
public final class PolicedDatapath extends ForwardingDatapath {

    private final PolicyGate gate;
    private final Function<SandboxKey, Optional<Binding>> bindings;

    /** @param bindings what the ledger has of a sandbox */
    public PolicedDatapath(Datapath below, PolicyGate gate, Function<SandboxKey, Optional<Binding>> bindings) {
        super(below);
        this.gate = gate;
        this.bindings = bindings;
    }

    @Override
    public AddResult add(PodAttachment pod) {
        boolean inside = isInside(pod.connection());
        Optional<Binding> bound = bindings.apply(pod.key());
        try {
            bound.ifPresent(binding -> gate.admit(binding, inside));
            AddResult result = super.add(pod);
            if (inside && result instanceof AddResult.Plumbed) {
                bound.ifPresent(gate::connected);
            }
            return result;
        } catch (PolicyFailure e) {
            return new AddResult.Failed("put policy in force", e.getMessage());
        }
    }

    private static boolean isInside(Connection connection) {
        return switch (connection) {
            case Connection.PolicyRoute _, Connection.VpcRoute _, Connection.TrunkTag _ -> false;
            case Connection.NicInPod _ -> true;
        };
    }

    @Override
    public DelResult del(SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses) {
        DelResult result = super.del(key, pod, netnsOrNull, addresses);
        switch (result) {
            case DelResult.Removed _ -> gate.leave(key);
            case DelResult.Failed _ -> {} // still connected, so still judged
        }
        return result;
    }
}
