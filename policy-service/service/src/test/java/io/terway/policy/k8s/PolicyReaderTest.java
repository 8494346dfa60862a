package io.terway.policy.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyReaderTest {

    @Test
    void isolatesIngressOnlyWhenNothingElseIsSaid() {
        var policy = read("spec: {podSelector: {}}").policy().orElseThrow();

        assertEquals(Optional.of(List.of()), policy.ingress());
        assertEquals(Optional.empty(), policy.egress());
    }

    @Test
    void isolatesEgressByDefaultOnlyWithAnEgressRule() {
        assertTrue(read("spec: {podSelector: {}, egress: [{}]}")
                .policy()
                .orElseThrow()
                .egress()
                .isPresent());
        assertFalse(read("spec: {podSelector: {}, egress: []}")
                .policy()
                .orElseThrow()
                .egress()
                .isPresent());
        assertFalse(read("spec: {podSelector: {}, policyTypes: [Egress]}")
                .policy()
                .orElseThrow()
                .ingress()
                .isPresent());
    }

    @Test
    void aRuleWhoseOnlyPeerIsUnreadableAllowsNothing() {
        var read = read("spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: '10.0.0.300/8'}}]}]}");

        assertEquals(Optional.of(List.of()), read.policy().orElseThrow().ingress());
        assertTrue(
                read.faults().getFirst().contains("spec.ingress[0].peers[0]"),
                read.faults().toString());
        assertTrue(
                read.faults().getFirst().contains("10.0.0.300"), read.faults().toString());
    }

    @Test
    void aReadablePeerSurvivesItsUnreadableNeighbour() {
        var read = read("spec: {podSelector: {}, ingress: [{from: [{}, {podSelector: {}}]}]}");

        assertEquals(
                1,
                read.policy()
                        .orElseThrow()
                        .ingress()
                        .orElseThrow()
                        .getFirst()
                        .peers()
                        .size());
        assertEquals(1, read.faults().size());
    }

    @Test
    void anUnreadableSubjectIsRefusedWhole() {
        var read = read("spec: {podSelector: {matchExpressions: [{key: a, operator: Near}]}}");

        assertTrue(read.policy().isEmpty());
        assertTrue(read.faults().getFirst().contains("'Near'"), read.faults().toString());
    }

    @Test
    void readsPortsWithTheirDefaults() {
        var rule =
                read("spec: {podSelector: {}, ingress: [{ports: [{}, {port: 80, endPort: 90, protocol: UDP}, {port: web}]}]}")
                        .policy()
                        .orElseThrow()
                        .ingress()
                        .orElseThrow()
                        .getFirst();

        assertEquals(
                List.of(
                        new PortMatch.Every(Protocol.TCP),
                        new PortMatch.Range(Protocol.UDP, 80, 90),
                        new PortMatch.Named(Protocol.TCP, "web")),
                rule.ports());
    }

    private static PolicyReader.Read read(String spec) {
        return PolicyReader.read(Serialization.unmarshal(
                "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: a}\n" + spec,
                NetworkPolicy.class));
    }
}
