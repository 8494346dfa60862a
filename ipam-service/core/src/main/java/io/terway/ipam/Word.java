package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Ip;
import java.util.List;
import java.util.Set;

/** What the loop says to an agent over its session, in this order. */
public sealed interface Word {

    /** First word of a session. */
    record Welcome(long acknowledgedSequence, NodeConfig config) implements Word {}

    /**
     * These addresses may be used.
     *
     * @param ofPods those of the ENIs that have security groups which a pod asked for
     */
    record Offer(long number, List<CloudEni> enis, List<EniIp> addresses, Set<EniId> ofPods) implements Word {

        public Offer {
            enis = List.copyOf(enis);
            addresses = List.copyOf(addresses);
            ofPods = Set.copyOf(ofPods);
        }
    }

    /** Stop using these addresses if they are free; {@code enis} leave the node with them. */
    record Withdraw(long number, List<Ip> addresses, List<EniId> enis) implements Word {

        public Withdraw {
            addresses = List.copyOf(addresses);
            enis = List.copyOf(enis);
        }
    }

    /** The node's configuration has changed. */
    record Configure(NodeConfig config) implements Word {}

    /**
     * What is known of a node whose agent makes its ledger anew.
     *
     * @param known false: nothing; what is offered is then what the cloud shows
     * @param offered addresses it might use, those of its bindings included
     * @param ofPods those of the ENIs that have security groups which a pod asked for
     */
    record LastView(
            boolean known,
            List<Binding> bindings,
            List<Ledger.Numbered> offered,
            List<CloudEni> enis,
            Set<EniId> ofPods)
            implements Word {

        /** Of a node that was not met before. */
        static final LastView NONE = new LastView(false, List.of(), List.of(), List.of(), Set.of());

        public LastView {
            bindings = List.copyOf(bindings);
            offered = List.copyOf(offered);
            enis = List.copyOf(enis);
            ofPods = Set.copyOf(ofPods);
        }
    }
}
