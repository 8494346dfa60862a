package io.terway.policy.naive;

import io.terway.net.Ip;
import io.terway.policy.Direction;
import io.terway.policy.Probe;
import io.terway.policy.read.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A third opinion, made for being got wrong: judges manifests as they are written, without any of the records that
 * reader, evaluator and compiler share, and errs on request.
 */
final class NaiveJudge {

    private final NaiveCluster cluster;
    private final NaiveRules rules;
    private final NaiveTiers tiers;
    private final NaiveCilium cilium;

    /** What a side says. */
    record Side(boolean allowed, String reason, boolean l7) {
        static Side of(boolean allowed, String reason) {
            return new Side(allowed, reason, false);
        }
    }

    /** What a policy says of a connection: does it isolate, allow, and then perhaps only some requests. */
    record Opinion(boolean isolates, boolean allows, boolean requestsOnly) {}

    NaiveJudge(List<Map<String, Object>> objects, Set<Wrong> wrong) {
        cluster = new NaiveCluster(objects, wrong);
        rules = new NaiveRules(cluster);
        tiers = new NaiveTiers(cluster, rules);
        cilium = new NaiveCilium(cluster, rules);
    }

    Side judge(Direction direction, Probe probe) {
        Ip own = direction == Direction.INGRESS ? probe.to() : probe.from();
        Ip other = direction == Direction.INGRESS ? probe.from() : probe.to();
        Field pod = cluster.subjectAt(own);
        if (pod == null) {
            return Side.of(true, "not-a-policy-subject");
        }
        if (NaiveCluster.ips(pod).contains(other) && !cluster.is(Wrong.SELF_IS_A_STRANGER)) {
            return Side.of(true, "self");
        }
        if (probe.protocol().name().equals("SCTP") && cluster.is(Wrong.SCTP_ALWAYS_PASSES)) {
            return Side.of(true, "not-isolated");
        }
        Field neighbour = cluster.podAt(other);
        if (cluster.is(Wrong.SAME_NODE_PODS_PASS)
                && neighbour != null
                && NaiveCluster.nodeOf(neighbour).equals(NaiveCluster.nodeOf(pod))) {
            return Side.of(true, "own-node");
        }
        if (cluster.is(Wrong.ADMIN_DENIES_THE_OWN_NODE)) {
            Side admin = tiers.judge("Admin", direction, probe, pod, other);
            if (admin != null && !admin.allowed()) {
                return admin;
            }
        }
        Field node = cluster.nodeAt(other);
        if (node != null && ownNode(direction, pod, node)) {
            return Side.of(true, "own-node");
        }
        return byTiers(direction, probe, pod, other);
    }

    private boolean ownNode(Direction direction, Field pod, Field node) {
        if (cluster.is(Wrong.EVERY_NODE_PASSES)) {
            return true;
        }
        return NaiveCluster.name(node).equals(NaiveCluster.nodeOf(pod))
                && !cluster.is(Wrong.OWN_NODE_IS_A_STRANGER)
                && !(direction == Direction.EGRESS && cluster.is(Wrong.OWN_NODE_PASSES_INBOUND_ONLY));
    }

    private Side byTiers(Direction direction, Probe probe, Field pod, Ip other) {
        Side admin = tiers.judge("Admin", direction, probe, pod, other);
        Side policies = policies(direction, probe, pod, other);
        Side baseline =
                cluster.is(Wrong.BASELINE_IS_IGNORED) ? null : tiers.judge("Baseline", direction, probe, pod, other);
        List<Side> order = new ArrayList<>();
        order.add(admin);
        order.add(policies);
        if (cluster.is(Wrong.ADMIN_COMES_AFTER_POLICIES)) {
            order = new ArrayList<>(java.util.Arrays.asList(policies, admin));
        }
        if (cluster.is(Wrong.ADMIN_ACCEPT_IS_NOT_FINAL) && admin != null && admin.allowed() && policies != null) {
            order = new ArrayList<>(java.util.Arrays.asList(policies, null));
        }
        order.add(cluster.is(Wrong.BASELINE_COMES_BEFORE_POLICIES) ? 1 : 2, baseline);
        for (Side side : order) {
            if (side != null) {
                return side;
            }
        }
        return cluster.is(Wrong.CLUSTER_POLICY_ISOLATES) && tiers.bind(direction, pod)
                ? Side.of(false, "isolated-no-rule")
                : Side.of(true, "not-isolated");
    }

    /** NetworkPolicies and CiliumNetworkPolicies together; null when none isolates. */
    private Side policies(Direction direction, Probe probe, Field pod, Ip other) {
        List<Opinion> opinions = new ArrayList<>();
        for (Field policy : cluster.all("NetworkPolicy")) {
            opinions.add(rules.policy(policy, direction, probe, pod, other));
        }
        for (Field policy : cluster.all("CiliumNetworkPolicy")) {
            opinions.add(cilium.policy(policy, direction, probe, pod, other));
        }
        opinions.removeIf(opinion -> !opinion.isolates());
        if (opinions.isEmpty()) {
            return null;
        }
        boolean allowed = opinions.stream().anyMatch(Opinion::allows);
        if (cluster.is(Wrong.POLICIES_INTERSECT)) {
            allowed = opinions.stream().allMatch(Opinion::allows);
        }
        if (cluster.is(Wrong.FIRST_POLICY_DECIDES)) {
            allowed = opinions.getFirst().allows();
        }
        boolean everyRequest = opinions.stream().anyMatch(opinion -> opinion.allows() && !opinion.requestsOnly());
        if (cluster.is(Wrong.CILIUM_HTTP_BEATS_L4)) {
            everyRequest = opinions.stream().noneMatch(opinion -> opinion.allows() && opinion.requestsOnly());
        }
        return new Side(allowed, allowed ? "rule" : "isolated-no-rule", allowed && !everyRequest);
    }
}
