package io.terway.sim;

import io.terway.ipam.EniConfig.Mode;
import io.terway.ipam.EniConfig.Stack;
import io.terway.ipam.InstanceLimits;
import java.util.List;
import java.util.Map;

/** How the pods of a run are connected: its network mode and its families. */
record Shape(Mode mode, Stack stack) {

    static final int ADDRESSES_PER_ENI = 6;
    static final int MEMBERS = 6;
    private static final int ENIS = 3;

    /** What most runs have. */
    static final Shape USUAL = new Shape(Mode.ENIIP, Stack.IPV4);

    /** Every mode in which pods have addresses of ENIs, with every stack. */
    static List<Shape> all() {
        return List.of(Mode.ENIIP, Mode.ENI, Mode.TRUNK).stream()
                .flatMap(mode -> List.of(Stack.values()).stream().map(stack -> new Shape(mode, stack)))
                .toList();
    }

    Map<String, Object> eniConf() {
        return Map.of("network_mode", mode.toString(), "ip_stack", stack.toString());
    }

    /** The primary ENI takes one of the places. */
    InstanceLimits limits() {
        int ipv6 = stack == Stack.IPV4 ? 0 : ADDRESSES_PER_ENI;
        boolean trunk = mode == Mode.TRUNK;
        return new InstanceLimits(ENIS, ADDRESSES_PER_ENI, ipv6, trunk ? ENIS + MEMBERS : ENIS, trunk);
    }

    int secondaries() {
        return ENIS - 1;
    }

    /** Pods that a node has at most, less one: the scheduler knows what fits. */
    int pods() {
        return switch (mode) {
            case ENIIP -> 8;
            case ENI -> secondaries() - 1;
            case TRUNK -> MEMBERS - 1;
            case VPC -> 0;
        };
    }
}
