package io.terway.eni.sim.vpc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FirewallTest {

    private static final Ip MEMBER = Ip.parse("10.0.0.9");
    private static final Ip STRANGER = Ip.parse("10.0.9.9");
    private static final SecurityGroupId OWN = new SecurityGroupId("sg-own");

    private final Firewall firewall = new Firewall(id -> id.equals(OWN) ? Set.of(MEMBER) : Set.of());

    private static SecurityGroup group(SecurityGroup.Kind kind, boolean inner, SecurityRule... rules) {
        return new SecurityGroup(
                OWN, "", "", new VpcId("vpc-1"), kind, inner, Arrays.asList(rules), Map.of(), Instant.EPOCH);
    }

    private static SecurityRule rule(boolean ingress, String protocol, String peer, boolean accept, int priority) {
        boolean ports = protocol.equals("tcp");
        return new SecurityRule(
                "sgr-1",
                ingress,
                protocol,
                ports ? 80 : -1,
                ports ? 90 : -1,
                new SecurityRule.Peer.Block(Cidr.parse(peer)),
                accept,
                priority,
                "",
                Instant.EPOCH);
    }

    private boolean accepts(SecurityGroup group, boolean ingress, int port, Ip peer) {
        return firewall.accepts(List.of(group), new Firewall.Packet(ingress, "tcp", port, peer));
    }

    @Test
    void basicGroupsAcceptMembersAndEgressByDefault() {
        SecurityGroup basic = group(SecurityGroup.Kind.NORMAL, true, rule(true, "all", "0.0.0.0/0", false, 1));
        assertTrue(accepts(basic, true, 80, MEMBER));
        assertFalse(accepts(basic, true, 80, STRANGER));
        assertTrue(accepts(basic, false, 80, STRANGER));
        assertFalse(accepts(group(SecurityGroup.Kind.NORMAL, false), true, 80, MEMBER));
    }

    @Test
    void enterpriseGroupsDenyBothWaysByDefault() {
        SecurityGroup enterprise = group(SecurityGroup.Kind.ENTERPRISE, false);
        assertFalse(accepts(enterprise, true, 80, MEMBER));
        assertFalse(accepts(enterprise, false, 80, STRANGER));
    }

    @Test
    void smallerPriorityWinsAndDropWinsATie() {
        SecurityRule accept = rule(true, "tcp", "10.0.0.0/8", true, 5);
        assertTrue(accepts(
                group(SecurityGroup.Kind.NORMAL, true, accept, rule(true, "all", "0.0.0.0/0", false, 6)),
                true,
                80,
                STRANGER));
        assertFalse(accepts(
                group(SecurityGroup.Kind.NORMAL, true, accept, rule(true, "all", "0.0.0.0/0", false, 5)),
                true,
                80,
                STRANGER));
    }

    @Test
    void portsFamiliesAndDirectionsAreKeptApart() {
        SecurityGroup basic = group(SecurityGroup.Kind.NORMAL, true, rule(true, "tcp", "0.0.0.0/0", true, 1));
        assertTrue(accepts(basic, true, 90, STRANGER));
        assertFalse(accepts(basic, true, 91, STRANGER));
        assertFalse(accepts(basic, true, 80, Ip.parse("2408::1")));
    }
}
