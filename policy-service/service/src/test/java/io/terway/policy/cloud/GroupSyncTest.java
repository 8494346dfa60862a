package io.terway.policy.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SecurityGroupId;
import io.terway.policy.NamespaceMatch;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Peer;
import io.terway.policy.Policy;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyPod;
import io.terway.policy.PolicyRule;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import io.terway.policy.Selector;
import io.terway.policy.group.GroupDiff;
import io.terway.policy.group.GroupRule;
import io.terway.policy.group.GroupType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Groups follow the policies: in step, mended, cleaned up, and given up when they cannot say it. */
class GroupSyncTest {

    private static final SecurityGroupId GROUP = new SecurityGroupId("sg-app");

    private final CloudModel cloud = new CloudModel();
    private final List<String> notices = new ArrayList<>();
    private final GroupSync sync = new GroupSync(cloud, 10, (policy, text) -> notices.add(policy + ": " + text));

    @Test
    void aMarkedPolicyBecomesRulesAndAgainNothing() {
        assertEquals(1, sync.round(cluster(marked(Protocol.TCP, 8080))));

        assertTrue(
                cloud.texts().contains("ingress accept TCP 8080/8080 from 10.0.0.0/8 priority 50"),
                cloud.texts().toString());
        int changes = cloud.changes;
        sync.round(cluster(marked(Protocol.TCP, 8080)));
        assertEquals(changes, cloud.changes, "nothing to do is nothing done");

        sync.round(cluster());
        assertEquals(List.of(), cloud.texts());
    }

    @Test
    void aChangedPolicyChangesOnlyItsRules() {
        sync.round(cluster(marked(Protocol.TCP, 8080)));
        sync.round(cluster(marked(Protocol.TCP, 8081)));

        assertEquals(1, cloud.lastAdded);
        assertEquals(1, cloud.lastRemoved);
    }

    @Test
    void aRuleThatSomebodyTookAwayComesBack() {
        sync.round(cluster(marked(Protocol.TCP, 8080)));
        List<String> before = cloud.texts();
        cloud.rules.remove(cloud.rules.keySet().iterator().next());
        sync.round(cluster(marked(Protocol.TCP, 8080)));

        assertEquals(before, cloud.texts());
    }

    @Test
    void whatDoesNotFitIsTakenOutAndSaidOnce() {
        sync.round(cluster(marked(Protocol.TCP, 8080)));
        sync.round(cluster(marked(Protocol.SCTP, 8080)));
        sync.round(cluster(marked(Protocol.SCTP, 8080)));

        assertEquals(List.of(), cloud.texts());
        assertEquals(
                List.of(
                        "p/app: security group sg-app cannot say it: rule 0 of p/app: security groups know no SCTP: the nodes"
                                + " enforce it alone"),
                notices);
    }

    @Test
    void rulesOfAnEarlierLifeAreCleanedUp() {
        cloud.rules.put(
                "r-old",
                Optional.of(new GroupRule(
                        io.terway.policy.Direction.INGRESS,
                        true,
                        50,
                        "TCP",
                        "1/1",
                        new GroupRule.Peer.Block(Cidr.parse("1.1.1.1/32")))));
        sync.round(cluster());

        assertEquals(List.of(), cloud.texts());
    }

    @Test
    void aCloudThatDoesNotAnswerIsAskedAgainNextTime() {
        cloud.down = true;
        assertEquals(0, sync.round(cluster(marked(Protocol.TCP, 8080))));
        cloud.down = false;

        assertEquals(1, sync.round(cluster(marked(Protocol.TCP, 8080))));
    }

    private static PolicyCluster cluster(Policy... policies) {
        var pod = new PolicyPod(
                new PodRef("p", "app"),
                "u",
                Map.of(),
                Optional.empty(),
                List.of(Ip.parse("10.0.2.1")),
                false,
                false,
                List.of(),
                List.of(GROUP));
        return new PolicyCluster(Map.of(), List.of(pod), List.of(policies), List.of());
    }

    private static NetworkPolicy marked(Protocol protocol, int port) {
        return new NetworkPolicy(
                PolicyId.networkPolicy("p", "app"),
                new Peer.Pods(new NamespaceMatch.Named("p"), Selector.ALL),
                Optional.of(List.of(new PolicyRule(
                        0,
                        List.of(new Peer.Block(Cidr.parse("10.0.0.0/8"), List.of())),
                        List.of(new PortMatch.Range(protocol, port, port)),
                        List.of()))),
                Optional.empty(),
                true);
    }

    /** One enterprise group with rules of ours. */
    private static final class CloudModel implements SecurityGroups {
        private final Map<String, Optional<GroupRule>> rules = new LinkedHashMap<>();
        private boolean down;
        private int changes;
        private int lastAdded;
        private int lastRemoved;
        private int ids;

        @Override
        public List<Group> list(Collection<SecurityGroupId> asked) {
            if (down) {
                throw new Unavailable("down");
            }
            return List.of(new Group(GROUP, GroupType.ENTERPRISE, rules, 2));
        }

        @Override
        public void change(SecurityGroupId group, GroupDiff diff) {
            changes++;
            lastAdded = diff.add().size();
            lastRemoved = diff.remove().size();
            diff.add().forEach(rule -> rules.put("r-" + ids++, Optional.of(rule)));
            diff.remove().forEach(rules::remove);
        }

        private List<String> texts() {
            return rules.values().stream()
                    .flatMap(Optional::stream)
                    .map(GroupRule::toString)
                    .flatMap(Stream::of)
                    .sorted()
                    .toList();
        }
    }
}
