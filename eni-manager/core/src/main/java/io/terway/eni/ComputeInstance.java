package io.terway.eni;

import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.List;

/**
 * An instance as the cloud last showed it.
 *
 * @param region the region's id, {@code cn-hangzhou}
 * @param status "Running", "Stopped", "Starting", "Stopping" or "Pending"
 * @param vSwitch of its primary ENI
 * @param groups of its primary ENI
 */
public record ComputeInstance(
        InstanceId id,
        InstanceType type,
        ZoneId zone,
        String region,
        VpcId vpc,
        String status,
        VSwitchId vSwitch,
        List<SecurityGroupId> groups) {

    public ComputeInstance {
        groups = List.copyOf(groups);
    }
}
