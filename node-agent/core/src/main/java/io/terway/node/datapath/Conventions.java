package io.terway.node.datapath;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SandboxKey;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers and names by which users, other tools and the next start recognise what is ours. Priorities, table numbers
 * and gateways are those of the existing Terway; the maker's number and the alias are new.
 */
public final class Conventions {

    /** Maker of our addresses, routes, rules and neighbours ({@code proto 84}, 'T'); unassigned in iproute2's rt_protos. */
    public static final int PROTOCOL = 84;

    /** Device group of links that wait for the reaper. */
    public static final int REAPER_GROUP = 0x7e2a;

    /** Packets to a pod look up main, before every other rule. */
    public static final int TO_POD_PRIORITY = 512;

    /** Packets from a pod look up its ENI's table. */
    public static final int FROM_POD_PRIORITY = 2048;

    /** Answers to what came in another way than the default route leads: between the two above. */
    public static final int SYMMETRIC_PRIORITY = 600;

    /** Packets that leave with the node's address look up main: before those of pods look up their ENI's table. */
    public static final int BY_HOST_PRIORITY = 1024;

    /** On the host: the nft table of marks and source addresses. */
    public static final String NODE_TABLE = "terway_node";

    /** Mark, and bit of the connection's mark, of such traffic. */
    public static final int SYMMETRIC_MARK = 0x10;

    /** The table such answers look up. */
    public static final int SYMMETRIC_TABLE = 100;

    /** Inside a pod: the link to the host's stack beside the VPC's own. */
    public static final String PEER_LINK = "veth1";

    /** Inside a pod with a peer link: the nft table of its marks. */
    public static final String PEER_TABLE = "terway_peer";

    /** The name of a link that is a part of another one, until it has its own in the pod; no link of a host bears it. */
    public static final String NEWBORN = "twnewborn";

    /** The kernel's main table. */
    public static final int MAIN_TABLE = 254;

    private static final String ALIAS = "terway ";
    private static final String ENI_ALIAS = "terway-eni ";

    private static final String SANDBOX = "(?<container>[^/ ]+)/(?<ifname>[^/ ]+)";
    private static final Pattern LINK_OF_POD = Pattern.compile(ALIAS + SANDBOX);
    private static final Pattern SLAVE_OF_POD = Pattern.compile(ALIAS + SANDBOX + " (?<pod>[^/ ]+) (?<eni>eni-[^/ ]+)");
    private static final Pattern ENI_OF_POD =
            Pattern.compile(ENI_ALIAS + "(?<eni>eni-[^/ ]+) (?<pod>[^/ ]+) (?<container>[^/ ]+) (?<ifname>[^/ ]+)");

    private static final int TABLE_OFFSET = 1000;

    private static final Ip GATEWAY_IPV4 = Ip.parse("169.254.1.1");
    private static final Ip GATEWAY_IPV6 = Ip.parse("fe80::1");

    private Conventions() {}

    /** The route table of an ENI. */
    public static int table(int eniIfindex) {
        return TABLE_OFFSET + eniIfindex;
    }

    /** A pod's gateway; no link holds it, permanent neighbours lead to the host's end. */
    public static Ip podGateway(Family family) {
        return switch (family) {
            case IPV4 -> GATEWAY_IPV4;
            case IPV6 -> GATEWAY_IPV6;
        };
    }

    /** The alias of a sandbox's host link; tells one sandbox's link from that of the next with the same pod name. */
    public static String alias(SandboxKey key) {
        return ALIAS + key.containerId() + "/" + key.ifName();
    }

    /**
     * The alias of a pod's own link to the VPC where that is no ENI itself.
     *
     * @param eni whose addresses the pod has
     * @param name by which a link of the pod's on the host is called or would be: by that the pod is found again
     */
    public static String slaveAlias(EniId eni, SandboxKey key, String name) {
        return alias(key) + " " + name + " " + eni;
    }

    /** True for the alias of this sandbox's link on the host, and of its link to the VPC unless that is an ENI. */
    public static boolean isAlias(String alias, SandboxKey key) {
        return alias.equals(alias(key)) || alias.startsWith(alias(key) + " ");
    }

    /** The alias of an ENI's link while it is a pod's; see {@link #slaveAlias}. */
    public static String eniAlias(EniId eni, SandboxKey key, String name) {
        return ENI_ALIAS + eni + " " + name + " " + key.containerId() + " " + key.ifName();
    }

    /** True for what {@link #eniAlias} gave to any ENI. */
    public static boolean isEniAlias(String alias, String ifName) {
        return alias.startsWith(ENI_ALIAS) && alias.endsWith(" " + ifName);
    }

    /**
     * A sandbox as its link names it.
     *
     * @param own what only a pod's own link to the VPC says; empty for a link on the host
     */
    public record Named(String containerId, String ifName, Optional<Own> own) {}

    /**
     * What a pod's own link to the VPC says beside the sandbox.
     *
     * @param name that leads to the pod as the name of a link on the host does
     * @param eni whose addresses it has
     */
    public record Own(String name, EniId eni) {}

    /** The sandbox of an alias that one of the above gave; empty for any other text. */
    public static Optional<Named> sandbox(String alias) {
        Matcher eni = ENI_OF_POD.matcher(alias);
        if (eni.matches()) {
            return Optional.of(named(eni));
        }
        Matcher slave = SLAVE_OF_POD.matcher(alias);
        if (slave.matches()) {
            return Optional.of(named(slave));
        }
        Matcher link = LINK_OF_POD.matcher(alias);
        return link.matches()
                ? Optional.of(new Named(link.group("container"), link.group("ifname"), Optional.empty()))
                : Optional.empty();
    }

    private static Named named(Matcher own) {
        return new Named(
                own.group("container"),
                own.group("ifname"),
                Optional.of(new Own(own.group("pod"), new EniId(own.group("eni")))));
    }

    /** The name of an ENI's link that came back from a pod: one of its own, whatever the host called it before. */
    public static String homeName(Mac mac) {
        return "twe" + mac.toString().replace(":", "");
    }

    /** The name of a link that waits for the reaper; unique because indexes are. */
    public static String retiredName(int ifindex) {
        return "twx" + Integer.toHexString(ifindex);
    }
}
