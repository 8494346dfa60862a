package io.terway.agent.apply;

import io.terway.linux.netlink.LinkProbe;
import io.terway.node.datapath.Connection;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** What of the kernel's features a datapath can count on: each is tried once, when it is first asked for. */
final class KernelFeatures {

    private static final Logger LOG = Logger.getLogger(KernelFeatures.class);

    private final ConcurrentHashMap<String, LinkProbe> probes = new ConcurrentHashMap<>();

    /** The wanted datapath, or the one that does the same for the pod where this kernel has not what it takes. */
    Connection supported(Connection wanted) {
        return switch (wanted) {
            case Connection.IpvlanSlave(var eni, var _) ->
                has("IPVlan", LinkProbe::ipvlan, "pods get veth pairs") ? wanted : new Connection.PolicyRoute(eni);
            case Connection.TrunkVlan(var member, var trunk, int vlan, var _) ->
                has("VLAN", LinkProbe::vlan, "pods get veth pairs, and the trunk's link sets the tags")
                        ? wanted
                        : new Connection.TrunkTag(member, trunk, vlan);
            case Connection.PolicyRoute _, Connection.VpcRoute _, Connection.TrunkTag _, Connection.ExclusiveEni _ ->
                wanted;
        };
    }

    private boolean has(String feature, Supplier<LinkProbe> probe, String instead) {
        LinkProbe known = probes.get(feature);
        if (known == null) {
            known = probe.get();
            if (probes.putIfAbsent(feature, known) == null && !(known instanceof LinkProbe.Supported)) {
                LOG.warnf("%s is asked for, but %s: %s", feature, reason(known), instead);
            }
        }
        return known instanceof LinkProbe.Supported;
    }

    private static String reason(LinkProbe probe) {
        return switch (probe) {
            case LinkProbe.Supported() -> "it is there";
            case LinkProbe.Unsupported(String reason) -> reason;
            case LinkProbe.ProbeUnavailable(String reason) -> "it cannot be tried: " + reason;
        };
    }
}
