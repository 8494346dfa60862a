package io.terway.eni.sim.ecs;

import io.terway.net.InstanceType;
import java.util.Objects;

/**
 * What an instance type allows, as DescribeInstanceTypes tells it.
 *
 * @param enis primary, secondary and trunk ENIs together
 * @param ipv4PerEni the primary address included
 * @param enisWithMembers {@code enis} plus the members a trunk can carry
 */
public record TypeLimits(
        InstanceType type,
        int cpus,
        double memoryGib,
        int enis,
        int ipv4PerEni,
        int ipv6PerEni,
        int enisWithMembers,
        boolean trunk) {

    public TypeLimits {
        Objects.requireNonNull(type, "type");
        if (cpus < 1 || enis < 1 || ipv4PerEni < 1 || ipv6PerEni < 0 || enisWithMembers < enis) {
            throw new IllegalArgumentException("limits of " + type + " do not fit together");
        }
    }

    /** {@code ecs.g7} of {@code ecs.g7.xlarge}. */
    public String family() {
        String name = type.value();
        return name.substring(0, name.lastIndexOf('.'));
    }

    /** How many member ENIs an instance of this type carries. */
    public int members() {
        return trunk ? enisWithMembers - enis : 0;
    }
}
