package io.terway.ipam;

import io.terway.net.Cidr;
import java.util.List;

/** The keys that agents act on; they come from the CNI configuration, and eni_conf wins where both have them. */
final class DatapathSection {

    private final ConfigFields conf;
    private final ConfigFields cni;
    private final ConfigFields map;

    DatapathSection(ConfigFields conf, ConfigFields cni, ConfigFields map) {
        this.conf = conf;
        this.cni = cni;
        this.map = map;
    }

    DatapathConfig read() {
        DatapathConfig defaults = DatapathConfig.DEFAULTS;
        int mtu = number("mtu", 0, 8500);
        if (mtu > 0 && mtu < 1280) {
            conf.problem("mtu", mtu, "0, for 1500, or 1280 to 8500");
        }
        boolean auto = flag("auto_mtu", defaults.autoMtu());
        if (auto && mtu > 0) {
            conf.remark("mtu " + mtu + " has no effect: auto_mtu is true");
        }
        boolean hostPeer = !flag("disable_host_peer", !defaults.hostPeer());
        boolean nativeHostPort = flag("native_host_port", defaults.nativeHostPort());
        if (nativeHostPort && !hostPeer) {
            conf.remark("native_host_port does not serve pods with a link of the VPC's own: disable_host_peer is true;"
                    + " those with a hostPort are refused");
        }
        List<Cidr> snatCidrs = cidrs("snat_cidrs");
        if (!snatCidrs.isEmpty() && !hostPeer) {
            conf.remark("snat_cidrs have no effect for pods with a link of the VPC's own: disable_host_peer is true");
        }
        return new DatapathConfig(
                serviceCidrs(),
                cidrs("host_stack_cidrs"),
                auto ? 0 : mtu,
                cidrs("jumbo_cidrs"),
                auto,
                vlanInPod(),
                hostPeer,
                !map.flag("disable_network_policy", !defaults.networkPolicy()),
                extraRoutes(),
                snatCidrs,
                flag("symmetric_routing", defaults.symmetricRouting()),
                flag("enable_network_priority", defaults.networkPriority()),
                flag("acceleration", defaults.acceleration()),
                nativeHostPort);
    }

    private boolean flag(String key, boolean otherwise) {
        return conf.flag(key, cni.flag(key, otherwise));
    }

    private int number(String key, int min, int max) {
        return conf.number(key, cni.number(key, 0, min, max), min, max);
    }

    private boolean vlanInPod() {
        var words = EniConfigReader.<Boolean>ordered("filter", false, "vlan", true);
        return conf.choice("vlan_strip_type", cni.choice("vlan_strip_type", false, words), words);
    }

    private List<Cidr> cidrs(String key) {
        List<Cidr> fromCni = cni.list(key, 64, "a CIDR", Cidr::parse);
        List<Cidr> fromConf = conf.list(key, 64, "a CIDR", Cidr::parse);
        return fromConf.isEmpty() ? fromCni : fromConf;
    }

    /** A list of CIDRs, or of objects with a {@code dst}, as the existing Terway writes them. */
    private List<Cidr> extraRoutes() {
        return conf.list("extra_routes", 64, "a CIDR, or an object with dst", text -> {
            String bare = text.startsWith("{dst=") ? text.substring(5, text.length() - 1) : text;
            return Cidr.parse(bare);
        });
    }

    private List<Cidr> serviceCidrs() {
        List<Cidr> cidrs = conf.list("service_cidr", 2, "one CIDR per family", Cidr::parse);
        if (cidrs.size() == 2 && cidrs.get(0).family() == cidrs.get(1).family()) {
            conf.problem("service_cidr", cidrs, "at most one CIDR per family");
        }
        if (cidrs.isEmpty()) {
            conf.remark("eni_conf.service_cidr is not set; services are reached by the node's routes only");
        }
        return cidrs;
    }
}
