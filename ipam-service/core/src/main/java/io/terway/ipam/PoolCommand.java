package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Map;

/**
 * A mutation for eni-manager. {@link #operation} names it within this term: a command repeated with the same number is the
 * same operation and must carry the same operation id on the wire.
 */
public sealed interface PoolCommand extends IpamCommand {

    long operation();

    InstanceId instance();

    /**
     * Create an ENI with its first addresses and attach it.
     *
     * @param vSwitches candidates in order of preference; empty: the primary ENI's
     * @param groups empty: the primary ENI's
     * @param ipv4Count secondary IPv4 addresses
     * @param ipv6Count IPv6 addresses
     */
    record CreateEni(
            long operation,
            InstanceId instance,
            List<VSwitchId> vSwitches,
            List<SecurityGroupId> groups,
            int ipv4Count,
            int ipv6Count,
            Map<String, String> tags,
            String resourceGroup)
            implements PoolCommand {

        public CreateEni {
            vSwitches = List.copyOf(vSwitches);
            groups = List.copyOf(groups);
            tags = Map.copyOf(tags);
        }
    }

    /** Add addresses to an attached ENI. */
    record AssignAddresses(long operation, InstanceId instance, EniId eni, int ipv4Count, int ipv6Count)
            implements PoolCommand {}

    /** Take addresses off an ENI; the agent has acknowledged their withdrawal. */
    record UnassignAddresses(long operation, InstanceId instance, EniId eni, List<Ip> addresses)
            implements PoolCommand {

        public UnassignAddresses {
            addresses = List.copyOf(addresses);
        }
    }

    /** Detach and delete an ENI; the agent has acknowledged the withdrawal of all its addresses. */
    record DeleteEni(long operation, InstanceId instance, EniId eni) implements PoolCommand {}
}
