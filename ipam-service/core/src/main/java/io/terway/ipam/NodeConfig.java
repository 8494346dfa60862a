package io.terway.ipam;

import io.terway.net.Cidr;
import java.time.Duration;
import java.util.List;

/**
 * What the configuration means for one node; sent to its agent.
 *
 * @param revision grows with each change, across terms too
 * @param mode the mode in force
 * @param virtualType how ENIIP pods are plumbed
 * @param stack the families pods get
 * @param coolDown of a freed address
 * @param localAllocation true: the agent's own chooser goes first
 * @param capacity pods the node can hold an address for; 0 while the instance's limits are unknown
 * @param podCidrs the node's in VPC mode, at most one per family
 */
public record NodeConfig(
        long revision,
        EniConfig.Mode mode,
        EniConfig.VirtualType virtualType,
        EniConfig.Stack stack,
        Duration coolDown,
        boolean localAllocation,
        int capacity,
        List<Cidr> podCidrs,
        DatapathConfig datapath) {

    public NodeConfig {
        podCidrs = List.copyOf(podCidrs);
    }

    static NodeConfig of(EniConfig config, long revision, EniConfig.Mode mode, int capacity, List<Cidr> podCidrs) {
        return new NodeConfig(
                revision,
                mode,
                config.virtualType(),
                config.stack(),
                config.coolDown(),
                config.localAllocation(),
                capacity,
                podCidrs,
                config.datapath());
    }

    NodeConfig withRevision(long next) {
        return new NodeConfig(next, mode, virtualType, stack, coolDown, localAllocation, capacity, podCidrs, datapath);
    }
}
