package io.terway.agent.apply;

import java.util.List;
import java.util.stream.Stream;

/**
 * Runs inside a guest kernel that has IPVlan, VLAN links and nftables: what {@link EveryDatapathPrivilegedIT} says of other
 * datapaths, host peers included. Says one line for each kind of link.
 */
public final class VpcLinkLaws {

    /** In any order. */
    public static final List<String> LAWS = Stream.of("IPVLAN", "VLAN")
            .map(kind -> kind + " pods do what users rely on whatever the datapath is")
            .toList();

    private VpcLinkLaws() {}

    /** @throws AssertionError when one does not hold */
    public static void run() {
        EveryDatapathPrivilegedIT.holdFor(EveryDatapathPrivilegedIT.Kind.IPVLAN);
        System.out.println("HOLDS: " + LAWS.get(0));
        EveryDatapathPrivilegedIT.holdFor(EveryDatapathPrivilegedIT.Kind.VLAN);
        System.out.println("HOLDS: " + LAWS.get(1));
    }
}
