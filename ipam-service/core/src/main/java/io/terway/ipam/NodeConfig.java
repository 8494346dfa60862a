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
 * @param serviceCidrs reached through the host
 * @param hostStackCidrs further destinations reached through the host
 * @param mtu of pod links in bytes; 0: the ENI's own
 * @param coolDown of a freed address
 * @param localAllocation true: the agent's own chooser goes first
 */
public record NodeConfig(
        long revision,
        EniConfig.Mode mode,
        EniConfig.VirtualType virtualType,
        EniConfig.Stack stack,
        List<Cidr> serviceCidrs,
        List<Cidr> hostStackCidrs,
        int mtu,
        Duration coolDown,
        boolean localAllocation) {

    public NodeConfig {
        serviceCidrs = List.copyOf(serviceCidrs);
        hostStackCidrs = List.copyOf(hostStackCidrs);
    }

    static NodeConfig of(EniConfig config, long revision) {
        return new NodeConfig(
                revision,
                config.mode(),
                config.virtualType(),
                config.stack(),
                config.serviceCidrs(),
                config.hostStackCidrs(),
                config.mtu(),
                config.coolDown(),
                config.localAllocation());
    }
}
