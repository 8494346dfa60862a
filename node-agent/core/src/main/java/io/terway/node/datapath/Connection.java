package io.terway.node.datapath;

import io.terway.net.Cidr;
import java.util.List;
import java.util.Objects;

/** How a sandbox is connected to the VPC: one kind per datapath. */
public sealed interface Connection {

    /** A veth pair; policy rules lead to the table of an ENI that other pods use too. */
    record PolicyRoute(EniAttachment eni) implements Connection {
        public PolicyRoute {
            Objects.requireNonNull(eni, "eni");
        }
    }

    /** A veth pair; the node routes the pod's block as its own, and the VPC routes it to the node. */
    record VpcRoute(List<Cidr> podCidrs) implements Connection {
        public VpcRoute {
            podCidrs = List.copyOf(podCidrs);
        }
    }

    /** A veth pair; the trunk's link sends the pod's packets with the tag and the MAC of its member ENI. */
    record TrunkTag(EniAttachment member, EniAttachment trunk, int vlan) implements Connection {
        public TrunkTag {
            Objects.requireNonNull(member, "member");
            Objects.requireNonNull(trunk, "trunk");
        }
    }

    /** The pod's link is the VPC's own. With a host peer it has a second one to the host's stack. */
    sealed interface NicInPod extends Connection {

        /** The ENI whose addresses the pod has. */
        EniAttachment eni();

        /** The ENI whose link on the host the pod's link comes from. */
        default EniAttachment parent() {
            return eni();
        }

        boolean hostPeer();
    }

    /** The ENI itself moves into the pod. */
    record ExclusiveEni(EniAttachment eni, boolean hostPeer) implements NicInPod {
        public ExclusiveEni {
            Objects.requireNonNull(eni, "eni");
        }
    }

    /** A VLAN sub-interface of the trunk, with the MAC of the member. */
    record TrunkVlan(EniAttachment eni, EniAttachment parent, int vlan, boolean hostPeer) implements NicInPod {
        public TrunkVlan {
            Objects.requireNonNull(eni, "eni");
            Objects.requireNonNull(parent, "parent");
        }
    }

    /** An IPVlan (L2) slave of an ENI that other pods use too. */
    record IpvlanSlave(EniAttachment eni, boolean hostPeer) implements NicInPod {
        public IpvlanSlave {
            Objects.requireNonNull(eni, "eni");
        }
    }
}
