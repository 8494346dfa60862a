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
 * @param tags beside the cluster's own
 * @param resourceGroup empty for the account's default
 * @param type Secondary or Trunk on an instance, Member on a trunk
 */
public record EniOrder(
        OperationId operation,
        Seat seat,
        List<VSwitchId> vSwitches,
        List<SecurityGroupId> groups,
        AddressCounts counts,
        Map<String, String> tags,
        String resourceGroup,
        EniType type) {

    public static final int MAX_GROUPS = 10;
    public static final int MAX_V_SWITCHES = 64;

    public EniOrder {
        vSwitches = List.copyOf(vSwitches);
        groups = List.copyOf(groups);
        tags = Map.copyOf(tags);
        between("vSwitches", vSwitches.size(), MAX_V_SWITCHES);
        between("security groups", groups.size(), MAX_GROUPS);
        boolean fits = switch (type) {
            case SECONDARY, TRUNK -> seat instanceof Seat.OnInstance;
            case MEMBER -> seat instanceof Seat.OnTrunk;
            case PRIMARY -> false;
        };
        if (!fits) {
            throw new IllegalArgumentException(
                    "an ENI is created as Secondary or Trunk on an instance, or as Member with the trunk's id, not as "
                            + type.text() + " at " + seat);
        }
    }

    public InstanceId instance() {
        return seat.instance();
    }

    /** The same order with its candidates in another order. */
    public EniOrder withVSwitches(List<VSwitchId> candidates) {
        return new EniOrder(operation, seat, candidates, groups, counts, tags, resourceGroup, type);
    }

    private static void between(String what, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("an ENI is created with 1 to " + most + " " + what + ", not " + value);
        }
    }
}
