package io.terway.node.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The exact plans of the datapaths beside veth policy route, whose golden is {@link DatapathPlanGolden}. */
class ConnectionPlanGolden {

    private static final EniAttachment ENI = new EniAttachment(
            new EniId("eni-1"),
            Mac.parse("00:16:3e:00:00:01"),
            List.of(Cidr.parse("10.0.64.0/20"), Cidr.parse("fd00:64::/64")));
    private static final EniAttachment MEMBER = new EniAttachment(
            new EniId("eni-m"),
            Mac.parse("00:16:3e:00:00:77"),
            List.of(Cidr.parse("10.0.64.0/20"), Cidr.parse("fd00:64::/64")));
    private static final List<Ip> NODE = List.of(Ip.parse("10.0.0.10"), Ip.parse("fd00:1::10"));
    private static final Reach REACH =
            new Reach(List.of(Cidr.parse("172.16.0.0/16")), List.of(Cidr.parse("192.168.0.0/16")));

    @Test
    void anExclusiveEniMovesInAndHasAPeerForWhatOnlyTheHostReaches() {
        Connection.ExclusiveEni own = new Connection.ExclusiveEni(ENI, true);
        PodAttachment pod = pod(own, "10.0.64.7");

        String plan = fresh(NicInPod.wanted(pod, own, "eth1", NODE), pod);

        assertEquals("""
                link eth1 is not in the pod as eth0
                link calic95a4947e07 to the pod's veth1 is missing
                pod sysctl net/ipv4/conf/all/rp_filter is not 0
                pod sysctl net/ipv4/conf/eth0/rp_filter is not 0
                pod sysctl net/ipv4/conf/veth1/rp_filter is not 0
                pod link eth0 is 00:16:3e:00:00:01 mtu 0 down '', not 00:16:3e:00:00:01 mtu 1500 up 'terway-eni eni-1 calic95a4947e07 c0ffee eth0'
                pod link veth1 is POD mtu 1500 down '', not POD mtu 1500 up ''
                pod address 10.0.64.7/32 dev eth0 is missing
                pod neighbour 169.254.1.1 at HOST dev veth1 is missing
                pod route default via 10.0.79.253 onlink dev eth0 table 254 is missing
                pod route 192.168.0.0/16 via 10.0.79.253 onlink dev eth0 table 254 is missing
                pod route 10.0.0.10/32 via 169.254.1.1 onlink dev veth1 table 254 is missing
                pod route 172.16.0.0/16 via 169.254.1.1 onlink dev veth1 table 254 is missing
                pod route 169.254.20.10/32 via 169.254.1.1 onlink dev veth1 table 254 is missing
                pod route default via 169.254.1.1 onlink dev veth1 table 100 is missing
                pod rule 600: from 0.0.0.0/0 to 0.0.0.0/0 mark 16 lookup 100 is missing
                pod nft table inet terway_peer is missing or differs
                host sysctl net/ipv4/conf/calic95a4947e07/rp_filter is not 0
                host sysctl net/ipv4/conf/calic95a4947e07/send_redirects is not 0
                host sysctl net/ipv4/conf/calic95a4947e07/forwarding is not 1
                host link calic95a4947e07 is HOST mtu 1500 down '', not HOST mtu 1500 up 'terway c0ffee/eth0'
                host neighbour 10.0.64.7 at POD dev calic95a4947e07 is missing
                host route 10.0.64.7/32 dev calic95a4947e07 table 254 src 10.0.0.10 is missing
                host rule 512: from 0.0.0.0/0 to 10.0.64.7/32 lookup 254 is missing
                """, plan);
    }

    @Test
    void aVlanOfTheTrunkHasTheMembersMac() {
        Connection.TrunkVlan vlan = new Connection.TrunkVlan(MEMBER, ENI, 101, false);
        PodAttachment pod = pod(vlan, "fd00:64::7");

        assertEquals("""
                pod link eth0 off eth1 is missing
                pod sysctl net/ipv6/conf/eth0/disable_ipv6 is not 0
                pod sysctl net/ipv6/conf/eth0/accept_ra is not 0
                pod sysctl net/ipv6/conf/eth0/accept_dad is not 0
                pod link eth0 is 00:16:3e:00:00:77 mtu 0 down '', not 00:16:3e:00:00:77 mtu 1500 up 'terway c0ffee/eth0 calic95a4947e07 eni-m'
                pod address fd00:64::7/128 dev eth0 is missing
                pod route default via fd00:64::ffff:ffff:ffff:fff7 onlink dev eth0 table 254 is missing
                """, fresh(NicInPod.wanted(pod, vlan, "eth1", List.of()), pod));
    }

    @Test
    void anIpvlanSlaveSharesTheEnisMacAndHasItsVSwitchAsNeighbours() {
        Connection.IpvlanSlave slave = new Connection.IpvlanSlave(ENI, false);
        PodAttachment pod = pod(slave, "10.0.64.7");

        assertEquals("""
                pod link eth0 off eth1 is missing
                pod sysctl net/ipv4/conf/all/rp_filter is not 0
                pod sysctl net/ipv4/conf/eth0/rp_filter is not 0
                pod link eth0 is 00:16:3e:00:00:01 mtu 0 down '', not 00:16:3e:00:00:01 mtu 1500 up 'terway c0ffee/eth0 calic95a4947e07 eni-1'
                pod address 10.0.64.7/20 dev eth0 is missing
                pod route default via 10.0.79.253 onlink dev eth0 table 254 is missing
                pod route 192.168.0.0/16 via 10.0.79.253 onlink dev eth0 table 254 is missing
                """, fresh(NicInPod.wanted(pod, slave, "eth1", List.of()), pod));
    }

    @Test
    void aTaggedMemberIsAVethPodOfTheTrunksTableWithATag() {
        Connection.TrunkTag tag = new Connection.TrunkTag(MEMBER, ENI, 101);
        PodAttachment pod = pod(tag, "10.0.64.7");

        List<String> plan = fresh(VethPolicyRoute.tagged(pod, tag, "eth1", 1003), pod)
                .lines()
                .toList();

        assertEquals(
                List.of(
                        "host rule 512: from 0.0.0.0/0 to 10.0.64.7/32 lookup 254 is missing",
                        "host rule 2048: from 10.0.64.7/32 to 0.0.0.0/0 lookup 1003 is missing",
                        "tag 101 of 00:16:3e:00:00:77 from 10.0.64.7 dev eth1 is missing"),
                plan.subList(plan.size() - 3, plan.size()));
    }

    @Test
    void aRoutedPodNeedsNoRules() {
        Connection.VpcRoute routed = new Connection.VpcRoute(List.of(Cidr.parse("192.168.7.0/24")));
        PodAttachment pod = pod(routed, "192.168.7.2");

        assertEquals("""
                link calic95a4947e07 to the pod's eth0 is missing
                pod link eth0 is POD mtu 1500 down '', not POD mtu 1500 up ''
                pod address 192.168.7.2/32 dev eth0 is missing
                pod neighbour 169.254.1.1 at HOST dev eth0 is missing
                pod route default via 169.254.1.1 onlink dev eth0 table 254 is missing
                pod route 192.168.0.0/16 via 169.254.1.1 onlink dev eth0 table 254 is missing
                host sysctl net/ipv4/conf/calic95a4947e07/rp_filter is not 0
                host sysctl net/ipv4/conf/calic95a4947e07/send_redirects is not 0
                host sysctl net/ipv4/conf/calic95a4947e07/forwarding is not 1
                host link calic95a4947e07 is HOST mtu 1500 down '', not HOST mtu 1500 up 'terway c0ffee/eth0'
                host neighbour 192.168.7.2 at POD dev calic95a4947e07 is missing
                host route 192.168.7.2/32 dev calic95a4947e07 table 254 is missing
                """, fresh(VethPolicyRoute.routed(pod), pod));
    }

    @Test
    void theNodeForwardsRefusesUnusedAddressesAndLendsItsAddress() {
        NodeNetwork node = new NodeNetwork(
                List.of(Family.IPV4),
                List.of(Cidr.parse("192.168.7.0/24")),
                List.of(Cidr.parse("203.0.113.0/24")),
                true);
        DatapathState wanted =
                NodePlan.wanted(node, List.of(new NodeUplink(Family.IPV4, "eth0", Ip.parse("10.0.0.253"))));

        String plan = text(DatapathPlanner.plan(wanted, new DatapathState(NetnsState.EMPTY, NetnsState.EMPTY)));

        assertEquals("""
                host sysctl net/ipv4/ip_forward is not 1
                host sysctl net/ipv4/conf/all/rp_filter is not 0
                host sysctl net/ipv4/conf/default/rp_filter is not 0
                host sysctl net/ipv4/conf/all/send_redirects is not 0
                host sysctl net/ipv4/conf/all/log_martians is not 0
                host sysctl net/ipv4/conf/eth0/rp_filter is not 0
                host sysctl net/ipv4/conf/eth0/send_redirects is not 0
                host route unreachable 192.168.7.0/24 table 254 is missing
                host route default via 10.0.0.253 onlink dev eth0 table 100 is missing
                host rule 1024: from 0.0.0.0/0 to 203.0.113.0/24 lookup 254 is missing
                host rule 600: from 0.0.0.0/0 to 0.0.0.0/0 mark 16 lookup 100 is missing
                host nft table inet terway_node is missing or differs
                """, plan);
    }

    @Test
    void aDelBringsAnEniHomeAndLeavesThoseOfOtherInterfaces() {
        SandboxKey key = new SandboxKey("terway", "c0ffee", "eth0");
        LinkEntry mine = new LinkEntry("eth0", ENI.mac(), 1500, true, Conventions.eniAlias(ENI.id(), key, "cali1"));
        SandboxKey second = new SandboxKey("terway", "c0ffee", "eth1");
        LinkEntry other =
                new LinkEntry("eth1", MEMBER.mac(), 1500, true, Conventions.eniAlias(MEMBER.id(), second, "cali2"));
        NetnsState pod =
                new NetnsState(List.of(mine, other), new LinkedHashMap<>(), List.of(), List.of(), List.of(), List.of());

        List<DatapathOp> plan =
                DelPlan.plan(key, new PodRef("default", "web"), List.of(), new DatapathState(NetnsState.EMPTY, pod));

        assertEquals(List.of(new DatapathOp.MoveHome(mine, "twe00163e000001")), plan);
    }

    private static PodAttachment pod(Connection connection, String address) {
        return new PodAttachment(
                new SandboxKey("terway", "c0ffee", "eth0"),
                new PodRef("default", "client-b6989bf87-2bgtc"),
                Path.of("/run/netns/cni-1"),
                List.of(Ip.parse(address)),
                connection,
                1500,
                REACH);
    }

    private static String fresh(Wiring wanted, PodAttachment pod) {
        return text(DatapathPlanner.plan(wanted, new DatapathState(NetnsState.EMPTY, NetnsState.EMPTY)))
                .replace(LinkNames.podMac(pod.key()).toString(), "POD")
                .replace(LinkNames.hostMac(pod.key()).toString(), "HOST");
    }

    private static String text(List<DatapathOp> plan) {
        return plan.stream().map(op -> op + "\n").collect(Collectors.joining());
    }
}
