package io.terway.node.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The routes of pods whose links carry more than what passes outside of the VPC. */
class JumboPlanGolden {

    private static final EniAttachment ENI = new EniAttachment(
            new EniId("eni-1"),
            Mac.parse("00:16:3e:00:00:01"),
            List.of(Cidr.parse("10.0.64.0/20"), Cidr.parse("fd00:64::/64")));
    private static final Reach REACH = new Reach(
            List.of(),
            List.of(Cidr.parse("192.168.0.0/16"), Cidr.parse("10.1.2.0/24")),
            List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("fd00::/16")));

    @Test
    void onlyRoutesInsideTheVpcHaveTheLinksMtu() {
        assertEquals("""
                default via 169.254.1.1 onlink dev eth0 table 254 mtu 1500
                192.168.0.0/16 via 169.254.1.1 onlink dev eth0 table 254 mtu 1500
                10.1.2.0/24 via 169.254.1.1 onlink dev eth0 table 254
                10.0.64.0/20 via 169.254.1.1 onlink dev eth0 table 254
                10.0.0.0/8 via 169.254.1.1 onlink dev eth0 table 254
                default via fe80::1 onlink dev eth0 table 254 mtu 1500
                fd00:64::/64 via fe80::1 onlink dev eth0 table 254
                fd00::/16 via fe80::1 onlink dev eth0 table 254""", routes(VethPolicyRoute.wanted(pod(new Connection.PolicyRoute(ENI), 8500), 1003)));
    }

    @Test
    void anExclusiveEniHasThemByTheVSwitchsGateway() {
        Connection.ExclusiveEni own = new Connection.ExclusiveEni(ENI, false);

        assertEquals("""
                default via 10.0.79.253 onlink dev eth0 table 254 mtu 1500
                192.168.0.0/16 via 10.0.79.253 onlink dev eth0 table 254 mtu 1500
                10.1.2.0/24 via 10.0.79.253 onlink dev eth0 table 254
                10.0.64.0/20 via 10.0.79.253 onlink dev eth0 table 254
                10.0.0.0/8 via 10.0.79.253 onlink dev eth0 table 254
                default via fd00:64::ffff:ffff:ffff:fff7 onlink dev eth0 table 254 mtu 1500
                fd00:64::/64 via fd00:64::ffff:ffff:ffff:fff7 onlink dev eth0 table 254
                fd00::/16 via fd00:64::ffff:ffff:ffff:fff7 onlink dev eth0 table 254""", routes(NicInPod.wanted(pod(own, 8500), own, "eth1", List.of())));
    }

    /** The kernel has a route to its subnet by the slave's address, and that one stays. */
    @Test
    void anIpvlanSlaveKeepsItsConnectedSubnet() {
        Connection.IpvlanSlave slave = new Connection.IpvlanSlave(ENI, false);

        List<String> routes = routes(NicInPod.wanted(pod(slave, 8500), slave, "eth1", List.of()))
                .lines()
                .toList();

        assertEquals(6, routes.size(), routes::toString);
        assertEquals(
                List.of(), routes.stream().filter(r -> r.startsWith("10.0.64")).toList());
    }

    @Test
    void aLinkThatCarriesNoMoreNeedsNone() {
        PodAttachment pod = pod(new Connection.PolicyRoute(ENI), 1500);

        assertEquals(4, VethPolicyRoute.wanted(pod, 1003).state().pod().routes().size());
        assertEquals(
                List.of(),
                VethPolicyRoute.wanted(pod, 1003).state().pod().routes().stream()
                        .filter(r -> r.mtu() != 0)
                        .toList());
    }

    @Test
    void noPodsLinkCarriesMoreThanItsEniCan() {
        PodAttachment pod = pod(new Connection.PolicyRoute(ENI), 8500);

        assertEquals(1500, pod.atMost(1500).mtu());
        assertEquals(pod, pod.atMost(65535));
        assertEquals(pod, pod.atMost(0), "0 is unknown");
    }

    private static String routes(Wiring wiring) {
        return wiring.state().pod().routes().stream().map(RouteEntry::toString).collect(Collectors.joining("\n"));
    }

    private static PodAttachment pod(Connection connection, int mtu) {
        return new PodAttachment(
                new SandboxKey("terway", "c0ffee", "eth0"),
                new PodRef("default", "client"),
                Path.of("/run/netns/x"),
                List.of(Ip.parse("10.0.64.7"), Ip.parse("fd00:64::7")),
                connection,
                mtu,
                REACH);
    }
}
