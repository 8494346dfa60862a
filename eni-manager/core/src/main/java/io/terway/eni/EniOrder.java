package io.terway.eni;

import io.terway.net.InstanceId;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Map;

/**
 * An ENI that is wanted on an instance.
 *
 * @param vSwitches candidates in the order to try, at least one
 * @param ipv4Count secondary addresses to create with it, 0 to 49
 * @param ipv6Count 0 to 10
 * @param tags beside the cluster's own
 * @param resourceGroup empty for the account's default
 */
public record EniOrder(
        OperationId operation,
        InstanceId instance,
        List<VSwitchId> vSwitches,
        List<SecurityGroupId> groups,
        int ipv4Count,
        int ipv6Count,
        Map<String, String> tags,
        String resourceGroup,
        EniType type) {

    /** The cloud creates an ENI with at most this many secondary IPv4 addresses. */
    public static final int MAX_IPV4 = 49;

    public static final int MAX_IPV6 = 10;
    public static final int MAX_GROUPS = 10;
    public static final int MAX_V_SWITCHES = 64;

    public EniOrder {
        vSwitches = List.copyOf(vSwitches);
        groups = List.copyOf(groups);
        tags = Map.copyOf(tags);
        between("vSwitches", vSwitches.size(), 1, MAX_V_SWITCHES);
        between("security groups", groups.size(), 1, MAX_GROUPS);
        between("IPv4 addresses", ipv4Count, 0, MAX_IPV4);
        between("IPv6 addresses", ipv6Count, 0, MAX_IPV6);
        if (type != EniType.SECONDARY && type != EniType.TRUNK) {
            throw new IllegalArgumentException("an ENI is created as Secondary or Trunk, not " + type.text());
        }
    }

    private static void between(String what, int value, int low, int high) {
        if (value < low || value > high) {
            throw new IllegalArgumentException(
                    "an ENI is created with " + low + " to " + high + " " + what + ", not " + value);
        }
    }
}
