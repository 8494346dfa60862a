package io.terway.node.datapath;

import io.terway.net.Family;

/** What every link inside a pod needs of the kernel. */
final class PodLink {

    private PodLink() {}

    /**
     * Some runtimes switch IPv6 off in a new sandbox. accept_dad: the address is usable at once. IPv4: a pod with two
     * links gets answers by another one than it asked by.
     */
    static void sysctls(NetnsState.Builder side, Family family, String link) {
        switch (family) {
            case IPV4 ->
                side.sysctl("net/ipv4/conf/all/rp_filter", "0")
                        .sysctl(VethPolicyRoute.key("ipv4", link, "rp_filter"), "0");
            case IPV6 ->
                side.sysctl(VethPolicyRoute.key("ipv6", link, "disable_ipv6"), "0")
                        .sysctl(VethPolicyRoute.key("ipv6", link, "accept_ra"), "0")
                        .sysctl(VethPolicyRoute.key("ipv6", link, "accept_dad"), "0");
        }
    }
}
