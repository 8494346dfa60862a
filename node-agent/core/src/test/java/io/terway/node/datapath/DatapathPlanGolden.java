package io.terway.node.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DatapathPlanGolden {

    private static final EniAttachment ENI = new EniAttachment(
            new EniId("eni-1"),
            Mac.parse("00:16:3e:00:00:01"),
            List.of(Cidr.parse("10.0.64.0/20"), Cidr.parse("fd00:64::/64")));
    private static final PodAttachment POD = new PodAttachment(
            new SandboxKey("terway", "c0ffee", "eth0"),
            new PodRef("default", "client-b6989bf87-2bgtc"),
            Path.of("/run/netns/cni-1"),
            List.of(Ip.parse("10.0.64.7"), Ip.parse("fd00:64::7")),
            new Connection.PolicyRoute(ENI),
            1500,
            Reach.NOTHING);

    @Test
    void hostLinkIsNamedAsCalicoNamesIt() {
        // facts/terway.md 3.0 gives this pair.
        assertEquals("calic95a4947e07", LinkNames.hostLink(POD.pod(), "eth0"));
    }

    @Test
    void aFreshPodIsMadePairFirstPodSideNextRulesLast() {
        DatapathState nothing = new DatapathState(NetnsState.EMPTY, NetnsState.EMPTY);

        String plan = text(DatapathPlanner.plan(VethPolicyRoute.wanted(POD, 1002), nothing));

        String podMac = LinkNames.podMac(POD.key()).toString();
        String hostMac = LinkNames.hostMac(POD.key()).toString();
        assertEquals("""
                link calic95a4947e07 to the pod's eth0 is missing
                pod sysctl net/ipv6/conf/eth0/disable_ipv6 is not 0
                pod sysctl net/ipv6/conf/eth0/accept_ra is not 0
                pod sysctl net/ipv6/conf/eth0/accept_dad is not 0
                pod link eth0 is POD mtu 1500 down '', not POD mtu 1500 up ''
                pod address 10.0.64.7/32 dev eth0 is missing
                pod address fd00:64::7/128 dev eth0 is missing
                pod neighbour 169.254.1.1 at HOST dev eth0 is missing
                pod neighbour fe80::1 at HOST dev eth0 is missing
                pod route default via 169.254.1.1 onlink dev eth0 table 254 is missing
                pod route default via fe80::1 onlink dev eth0 table 254 is missing
                host sysctl net/ipv4/conf/calic95a4947e07/rp_filter is not 0
                host sysctl net/ipv4/conf/calic95a4947e07/send_redirects is not 0
                host sysctl net/ipv4/conf/calic95a4947e07/forwarding is not 1
                host sysctl net/ipv6/conf/calic95a4947e07/disable_ipv6 is not 0
                host sysctl net/ipv6/conf/calic95a4947e07/accept_ra is not 0
                host sysctl net/ipv6/conf/calic95a4947e07/accept_dad is not 0
                host sysctl net/ipv6/conf/calic95a4947e07/forwarding is not 1
                host link calic95a4947e07 is HOST mtu 1500 down '', not HOST mtu 1500 up 'terway c0ffee/eth0'
                host neighbour 10.0.64.7 at POD dev calic95a4947e07 is missing
                host neighbour fd00:64::7 at POD dev calic95a4947e07 is missing
                host route 10.0.64.7/32 dev calic95a4947e07 table 254 is missing
                host route fd00:64::7/128 dev calic95a4947e07 table 254 is missing
                host rule 512: from 0.0.0.0/0 to 10.0.64.7/32 lookup 254 is missing
                host rule 2048: from 10.0.64.7/32 to 0.0.0.0/0 lookup 1002 is missing
                host rule 512: from ::/0 to fd00:64::7/128 lookup 254 is missing
                host rule 2048: from fd00:64::7/128 to ::/0 lookup 1002 is missing
                """, plan.replace(podMac, "POD").replace(hostMac, "HOST"));
    }

    @Test
    void anEniGetsItsTableAndTheNodeForwards() {
        LinkEntry link = new LinkEntry("eth1", ENI.mac(), 1500, false, "");
        NetnsState found =
                new NetnsState(List.of(link), new LinkedHashMap<>(), List.of(), List.of(), List.of(), List.of());

        String plan = text(DatapathPlanner.plan(
                EniRoute.wanted(ENI, link, 3, 1500, Optional.of("eth0")), new DatapathState(found, NetnsState.EMPTY)));

        assertEquals("""
                host sysctl net/ipv4/ip_forward is not 1
                host sysctl net/ipv4/conf/all/rp_filter is not 0
                host sysctl net/ipv4/conf/default/rp_filter is not 0
                host sysctl net/ipv4/conf/all/send_redirects is not 0
                host sysctl net/ipv4/conf/eth1/rp_filter is not 0
                host sysctl net/ipv4/conf/eth1/send_redirects is not 0
                host sysctl net/ipv4/conf/eth1/forwarding is not 1
                host sysctl net/ipv6/conf/eth0/accept_ra is not 2
                host sysctl net/ipv6/conf/all/disable_ipv6 is not 0
                host sysctl net/ipv6/conf/all/forwarding is not 1
                host sysctl net/ipv6/conf/eth1/disable_ipv6 is not 0
                host sysctl net/ipv6/conf/eth1/accept_ra is not 0
                host sysctl net/ipv6/conf/eth1/accept_dad is not 0
                host sysctl net/ipv6/conf/eth1/forwarding is not 1
                host link eth1 is 00:16:3e:00:00:01 mtu 1500 down '', not 00:16:3e:00:00:01 mtu 1500 up ''
                host route default via 10.0.79.253 onlink dev eth1 table 1003 is missing
                host route default via fd00:64::ffff:ffff:ffff:fff7 onlink dev eth1 table 1003 is missing
                """, plan);
    }

    @Test
    void aDelCutsTheLinkBeforeItsRulesGo() {
        NetnsState host = VethPolicyRoute.wanted(POD, 1002).state().host();

        String plan = text(DelPlan.plan(
                POD.key(), POD.pod(), List.of(Ip.parse("10.0.64.7")), new DatapathState(host, NetnsState.EMPTY)));

        assertEquals("""
                link calic95a4947e07 belongs to 'terway c0ffee/eth0' or has lost its pod
                host route 10.0.64.7/32 dev calic95a4947e07 table 254 is left over
                host rule 512: from 0.0.0.0/0 to 10.0.64.7/32 lookup 254 is left over
                host rule 2048: from 10.0.64.7/32 to 0.0.0.0/0 lookup 1002 is left over
                host route fd00:64::7/128 dev calic95a4947e07 table 254 is left over
                host rule 512: from ::/0 to fd00:64::7/128 lookup 254 is left over
                host rule 2048: from fd00:64::7/128 to ::/0 lookup 1002 is left over
                """, plan);
    }

    @Test
    void aLateDelLeavesTheNextSandboxWithTheSameAddressAlone() {
        PodAttachment next = new PodAttachment(
                new SandboxKey("terway", "beef", "eth0"),
                POD.pod(),
                POD.netns(),
                POD.addresses(),
                new Connection.PolicyRoute(ENI),
                1500,
                Reach.NOTHING);
        NetnsState host = VethPolicyRoute.wanted(next, 1002).state().host();

        List<DatapathOp> plan =
                DelPlan.plan(POD.key(), POD.pod(), POD.addresses(), new DatapathState(host, NetnsState.EMPTY));

        assertEquals(List.of(), plan);
    }

    private static String text(List<DatapathOp> plan) {
        return plan.stream().map(op -> op + "\n").collect(Collectors.joining());
    }
}
