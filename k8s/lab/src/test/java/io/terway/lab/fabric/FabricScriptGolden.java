package io.terway.lab.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FabricScriptGolden {
    private static final Cidr SUBNET = Cidr.parse("10.0.0.0/24");
    private static final EniId ENI = new EniId("eni-1");
    private static final Mac MAC = Mac.parse("00:16:3e:00:00:01");

    @Test
    void aPrimaryEniIsPluggedConfiguredAndAllowed() {
        Plug plug = new Plug(
                ENI,
                MAC,
                new NodeName("node-1"),
                true,
                List.of(SUBNET),
                List.of(Ip.parse("10.0.0.5"), Ip.parse("10.0.0.6")),
                List.of(Cidr.parse("10.0.0.16/28")),
                List.of(),
                Optional.empty(),
                List.of());

        FabricScript script = FabricScript.of(FabricPlanner.plan(List.of(plug), List.of(SUBNET), RouterView.empty()));

        String link = Port.linkOf(ENI);
        assertEquals("""
                address add 10.0.0.253/32 dev lo
                link add LINK address ee:ff:ff:ff:ff:ff type veth peer name eth0 address 00:16:3e:00:00:01 netns node-1
                link set dev LINK alias eni-1,00:16:3e:00:00:01 up
                ntable change name arp_cache dev LINK proxy_delay 0
                neigh replace 10.0.0.5 lladdr 00:16:3e:00:00:01 dev LINK nud permanent
                route replace 10.0.0.5/32 dev LINK
                route replace 10.0.0.6/32 dev LINK via 10.0.0.5 onlink
                route replace 10.0.0.16/28 dev LINK via 10.0.0.5 onlink
                """.replace("LINK", link), script.router());
        assertEquals("""
                add element inet vpc own4 { "LINK" . 00:16:3e:00:00:01 . 10.0.0.5 }
                add element inet vpc own4 { "LINK" . 00:16:3e:00:00:01 . 10.0.0.6 }
                add element inet vpc block4 { "LINK" . 00:16:3e:00:00:01 . 10.0.0.16/28 }
                """.replace("LINK", link), script.nft());
        assertEquals(List.of(new FabricScript.NodeLines("node-1", """
                        address add 10.0.0.5/24 dev eth0
                        link set dev eth0 up
                        route add default via 10.0.0.253 dev eth0
                        """)), script.nodes());
    }

    @Test
    void departingEnisLeaveAsOneGroup() {
        TreeMap<EniId, Port> ports = new TreeMap<>();
        ports.put(ENI, Port.bare(ENI, MAC, Optional.empty()));

        FabricScript script = FabricScript.of(FabricPlanner.plan(
                List.of(), List.of(), new RouterView(ports, new TreeSet<>(), new TreeSet<>(List.of("p00000000dead")))));

        assertEquals("""
                link set dev p00000000dead group 29
                link set dev LINK group 29
                link del group 29
                """.replace("LINK", Port.linkOf(ENI)), script.router());
    }
}
