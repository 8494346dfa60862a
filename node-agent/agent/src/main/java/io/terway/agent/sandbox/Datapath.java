package io.terway.agent.sandbox;

import io.terway.agent.apply.AddResult;
import io.terway.agent.apply.CheckResult;
import io.terway.agent.apply.DatapathApplier;
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

/**
 * Port: what the CNI verbs ask of the kernel. The kernel itself answers in production, a model of it in tests. Any
 * thread, concurrently for different pods; the contract of each method is {@link DatapathApplier}'s.
 */
public interface Datapath {

    Connection supported(Connection wanted);

    AddResult add(PodAttachment pod);

    CheckResult check(PodAttachment pod);

    DelResult del(SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses);

    EniResult ensureEni(EniAttachment eni);

    NodeResult ensureNode(NodeNetwork node);

    /** The MTU of the node's own link; 0 when that is unknown. */
    int uplinkMtu();

    /** The largest MTU that the link can have which such a pod's packets leave by; 0 when that is unknown. */
    int largestMtu(Connection connection);

    /** Every sandbox that is connected, whoever remembers it. Slow: for a ledger that is made anew. */
    List<Connected> everyConnected();

    /** The kernel. */
    static Datapath of(DatapathApplier applier) {
        return new Datapath() {
            @Override
            public Connection supported(Connection wanted) {
                return applier.supported(wanted);
            }

            @Override
            public AddResult add(PodAttachment pod) {
                return applier.add(pod);
            }

            @Override
            public CheckResult check(PodAttachment pod) {
                return applier.check(pod);
            }

            @Override
            public DelResult del(SandboxKey key, PodRef pod, Path netnsOrNull, List<Ip> addresses) {
                return applier.del(key, pod, netnsOrNull, addresses);
            }

            @Override
            public EniResult ensureEni(EniAttachment eni) {
                return applier.ensureEni(eni);
            }

            @Override
            public NodeResult ensureNode(NodeNetwork node) {
                return applier.ensureNode(node);
            }

            @Override
            public int uplinkMtu() {
                return applier.uplinkMtu();
            }

            @Override
            public int largestMtu(Connection connection) {
                return applier.largestMtu(connection);
            }

            @Override
            public List<Connected> everyConnected() {
                return applier.everyConnected();
            }
        };
    }
}
