package io.terway.node.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What exactly is made for a fresh pod, and taken away by its DEL: every datapath in IPv4, in IPv6 and in both. */
class EveryPlanGolden {

    private static final EniAttachment ENI = new EniAttachment(
            new EniId("eni-1"),
            Mac.parse("00:16:3e:00:00:01"),
            List.of(Cidr.parse("10.0.64.0/20"), Cidr.parse("fd00:64::/64")));
    private static final EniAttachment MEMBER = new EniAttachment(
            new EniId("eni-m"),
            Mac.parse("00:16:3e:00:00:77"),
            List.of(Cidr.parse("10.0.80.0/20"), Cidr.parse("fd00:80::/64")));
    private static final Reach REACH = new Reach(
            List.of(Cidr.parse("172.16.0.0/16"), Cidr.parse("fd00:172::/112")), List.of(Cidr.parse("192.168.0.0/16")));
    private static final List<Ip> NODE = List.of(Ip.parse("10.0.0.10"), Ip.parse("fd00:1::10"));

    private static final Map<String, List<Ip>> FAMILIES = new LinkedHashMap<>();

    static {
        FAMILIES.put("ipv4", List.of(Ip.parse("10.0.64.7")));
        FAMILIES.put("ipv6", List.of(Ip.parse("fd00:64::7")));
        FAMILIES.put("dual", List.of(Ip.parse("10.0.64.7"), Ip.parse("fd00:64::7")));
    }

    private static final List<Connection> CONNECTIONS = List.of(
            new Connection.PolicyRoute(ENI),
            new Connection.TrunkTag(MEMBER, ENI, 101),
            new Connection.VpcRoute(List.of(Cidr.parse("10.0.64.0/24"), Cidr.parse("fd00:64::/80"))),
            new Connection.ExclusiveEni(ENI, true),
            new Connection.ExclusiveEni(ENI, false),
            new Connection.TrunkVlan(MEMBER, ENI, 101, true),
            new Connection.TrunkVlan(MEMBER, ENI, 101, false),
            new Connection.IpvlanSlave(ENI, true),
            new Connection.IpvlanSlave(ENI, false));

    @Test
    void everyDatapathMakesAndTakesAwayJustThis() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Connection connection : CONNECTIONS) {
            FAMILIES.forEach((family, addresses) -> all.append(shown(connection, family, addresses)));
        }
        // For whoever changes a plan on purpose: reads the difference, then copies this over the expected text.
        Files.writeString(Path.of("target/plans.txt"), all);

        assertEquals(expected(), all.toString());
    }

    private static String expected() throws IOException {
        try (var in = EveryPlanGolden.class.getResourceAsStream("plans.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String shown(Connection connection, String family, List<Ip> addresses) {
        PodAttachment pod = new PodAttachment(
                new SandboxKey("terway", "c0ffee", "eth0"),
                new PodRef("default", "client-b6989bf87-2bgtc"),
                Path.of("/run/netns/cni-1"),
                addresses,
                connection,
                1500,
                REACH);
        Wiring wanted = wanted(pod);
        String plans = "== " + name(connection) + ", " + family + ": ADD\n"
                + text(DatapathPlanner.plan(wanted, new DatapathState(NetnsState.EMPTY, NetnsState.EMPTY)))
                + "== " + name(connection) + ", " + family + ": DEL\n"
                + text(DelPlan.plan(pod.key(), pod.pod(), addresses, wanted.state()));
        return plans.replace(LinkNames.podMac(pod.key()).toString(), "POD")
                .replace(LinkNames.hostMac(pod.key()).toString(), "HOST");
    }

    private static Wiring wanted(PodAttachment pod) {
        return switch (pod.connection()) {
            case Connection.PolicyRoute _ -> VethPolicyRoute.wanted(pod, 1003);
            case Connection.TrunkTag tag -> VethPolicyRoute.tagged(pod, tag, "eth1", 1003);
            case Connection.VpcRoute _ -> VethPolicyRoute.routed(pod);
            case Connection.NicInPod nic -> NicInPod.wanted(pod, nic, "eth1", NODE);
        };
    }

    private static String name(Connection connection) {
        return connection.getClass().getSimpleName()
                + (connection instanceof Connection.NicInPod nic
                        ? nic.hostPeer() ? " with a host peer" : " without a host peer"
                        : "");
    }

    private static String text(List<DatapathOp> plan) {
        return plan.stream().map(op -> op + "\n").collect(Collectors.joining());
    }
}
