package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A mutation for eni-manager. {@link #operation} names it within this term: a command repeated with the same number is the
 * same operation and must carry the same operation id on the wire.
 */
public sealed interface PoolCommand extends IpamCommand {

    long operation();

    InstanceId instance();

    /** What an ENI is made for. */
    enum Purpose {
        /** Pods share it. */
        SHARED,
        /** One pod gets it. */
        EXCLUSIVE,
        /** It carries member ENIs. */
        TRUNK,
        /** One pod gets it, behind the trunk. */
        MEMBER
    }

    /**
     * Addresses to add, by number.
     *
     * @param ipv4 single IPv4 addresses, without the ENI's own
     * @param ipv6 single IPv6 addresses
     * @param ipv4Prefixes /28 blocks; not together with {@code ipv4}
     * @param ipv6Prefixes /80 blocks; not together with {@code ipv6}
     */
    record Counts(int ipv4, int ipv6, int ipv4Prefixes, int ipv6Prefixes) {

        static final Counts NONE = new Counts(0, 0, 0, 0);

        boolean isEmpty() {
            return equals(NONE);
        }
    }

    /**
     * Create an ENI with its first addresses and attach it.
     *
     * @param vSwitches candidates in order of preference; empty: the primary ENI's
     * @param groups empty: the primary ENI's
     * @param trunk the trunk ENI a member is plugged into; empty for every other purpose
     */
    record CreateEni(
            long operation,
            InstanceId instance,
            Purpose purpose,
            List<VSwitchId> vSwitches,
            List<SecurityGroupId> groups,
            Counts counts,
            Map<String, String> tags,
            String resourceGroup,
            Optional<EniId> trunk)
            implements PoolCommand {

        public CreateEni {
            vSwitches = List.copyOf(vSwitches);
            groups = List.copyOf(groups);
            tags = Map.copyOf(tags);
        }
    }

    /**
     * Add addresses to an attached ENI.
     *
     * @param addresses particular ones, on top of {@code counts}
     */
    record AssignAddresses(long operation, InstanceId instance, EniId eni, Counts counts, List<Ip> addresses)
            implements PoolCommand {

        public AssignAddresses {
            addresses = List.copyOf(addresses);
        }

        /** Whichever the cloud gives. */
        public AssignAddresses(long operation, InstanceId instance, EniId eni, Counts counts) {
            this(operation, instance, eni, counts, List.of());
        }
    }

    /** Take addresses and whole prefixes off an ENI; the agent has acknowledged their withdrawal. */
    record UnassignAddresses(long operation, InstanceId instance, EniId eni, List<Ip> addresses, List<Cidr> prefixes)
            implements PoolCommand {

        public UnassignAddresses {
            addresses = List.copyOf(addresses);
            prefixes = List.copyOf(prefixes);
        }
    }

    /** Detach and delete an ENI; the agent has acknowledged the withdrawal of all its addresses. */
    record DeleteEni(long operation, InstanceId instance, EniId eni) implements PoolCommand {}

    /** Detach an ENI and keep it for its pod; the agent has acknowledged the withdrawal of all its addresses. */
    record DetachEni(long operation, InstanceId instance, EniId eni) implements PoolCommand {}

    /**
     * Attach the ENI that a pod keeps.
     *
     * @param addresses of the pod, whose trouble it is when this fails
     * @param attachment with the whole ENI, or as a member
     * @param trunk the trunk ENI a member is plugged into; empty otherwise
     */
    record AttachEni(
            long operation,
            InstanceId instance,
            EniId eni,
            List<Ip> addresses,
            Attachment attachment,
            Optional<EniId> trunk)
            implements PoolCommand {

        public AttachEni {
            addresses = List.copyOf(addresses);
        }
    }

    /** Set the security groups of an ENI that one pod gets, or had. */
    record ModifyEni(long operation, InstanceId instance, EniId eni, List<SecurityGroupId> groups)
            implements PoolCommand {

        public ModifyEni {
            groups = List.copyOf(groups);
        }
    }

    /** Make the route entry to a node's pod CIDR. */
    record PutRoute(long operation, InstanceId instance, Cidr cidr) implements PoolCommand {}

    /** Take away the route entry of a node that is proven gone. */
    record DeleteRoute(long operation, InstanceId instance, Cidr cidr) implements PoolCommand {}
}
