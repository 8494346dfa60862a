package io.terway.agent.sandbox;

import io.terway.agent.apply.AddResult;
import io.terway.agent.apply.CheckResult;
import io.terway.agent.apply.DelResult;
import io.terway.agent.apply.EniResult;
import io.terway.agent.apply.NodeResult;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.ledger.Witnesses.Connected;
import java.nio.file.Path;
import java.util.List;

/** A datapath over another one: hands everything down, and adds what a subclass overrides. */
public abstract class ForwardingDatapath implements Datapath {

    private final Datapath below;

    protected ForwardingDatapath(Datapath below) {
        this.below = below;
    }

    @Override
    public Connection supported(Connection wanted) {
        return below.supported(wanted);
    }

    @Override
    public AddResult add(PodAttachment pod) {
        return below.add(pod);
    }

    @Override
    public CheckResult check(PodAttachment pod) {
        return below.check(pod);
    }

    @Override
    public DelResult del(SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses) {
        return below.del(key, pod, netnsOrNull, addresses);
    }

    @Override
    public EniResult ensureEni(EniAttachment eni) {
        return below.ensureEni(eni);
    }

    @Override
    public NodeResult ensureNode(NodeNetwork node) {
        return below.ensureNode(node);
    }

    @Override
    public int uplinkMtu() {
        return below.uplinkMtu();
    }

    @Override
    public int largestMtu(Connection connection) {
        return below.largestMtu(connection);
    }

    @Override
    public List<Connected> everyConnected() {
        return below.everyConnected();
    }
}
