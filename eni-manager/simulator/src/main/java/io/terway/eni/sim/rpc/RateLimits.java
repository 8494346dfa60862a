package io.terway.eni.sim.rpc;

import java.util.Map;
import java.util.Objects;

/**
 * Calls per minute and action. The cloud does not publish its own; the documented set is what its clients keep to.
 *
 * @param otherwise for actions that {@code perMinute} does not name
 */
public record RateLimits(int otherwise, Map<String, Integer> perMinute) {

    public RateLimits {
        perMinute = Map.copyOf(perMinute);
        Objects.checkIndex(0, otherwise);
    }

    /** The limits existing clients keep to (facts, section 2.4). */
    public static RateLimits documented() {
        return new RateLimits(
                500,
                Map.of(
                        "DetachNetworkInterface", 400,
                        "AssignPrivateIpAddresses", 400,
                        "UnassignPrivateIpAddresses", 400,
                        "AssignIpv6Addresses", 400,
                        "UnassignIpv6Addresses", 400,
                        "DescribeNetworkInterfaces", 800,
                        "DescribeNetworkInterfaceAttribute", 2_000,
                        "DescribeInstanceTypes", 400,
                        "DescribeVSwitches", 300));
    }

    public static RateLimits unlimited() {
        return new RateLimits(Integer.MAX_VALUE, Map.of());
    }

    public int of(String action) {
        return perMinute.getOrDefault(action, otherwise);
    }
}
