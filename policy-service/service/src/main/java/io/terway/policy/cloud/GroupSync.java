package io.terway.policy.cloud;

import io.terway.net.SecurityGroupId;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.Policy;
import io.terway.policy.PolicyCluster;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyPod;
import io.terway.policy.group.GroupDiff;
import io.terway.policy.group.GroupRule;
import io.terway.policy.group.GroupTranslator;
import io.terway.policy.group.Translation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jboss.logging.Logger;

/**
 * One round brings the groups in step with the policies; the next one mends what was changed in between. What does not
 * fit is taken out of the group and left to the nodes, which enforce every policy anyway: Services and the node reach a
 * pod beside its ENI, where no group looks.
 *
 * <p>One thread calls it.
 */
final class GroupSync {

    private static final Logger LOG = Logger.getLogger(GroupSync.class);

    private final SecurityGroups cloud;
    private final int quota;
    private final BiConsumer<PolicyId, String> notices;
    private final Set<SecurityGroupId> managed = new HashSet<>();
    private final Map<SecurityGroupId, List<String>> announced = new HashMap<>();

    /**
     * @param quota rules that a group may hold
     * @param notices told about a policy that does not fit, once for each reason
     */
    GroupSync(SecurityGroups cloud, int quota, BiConsumer<PolicyId, String> notices) {
        this.cloud = cloud;
        this.quota = quota;
        this.notices = notices;
    }

    /** Groups in step after it, of those that policies speak about. */
    int round(PolicyCluster cluster) {
        Set<SecurityGroupId> wanted = GroupTranslator.groups(cluster);
        Set<SecurityGroupId> all = new TreeSet<>(wanted);
        all.addAll(managed);
        // After a restart rules of ours may be left in groups that no policy speaks about any more.
        cluster.pods().forEach(pod -> all.addAll(pod.securityGroups()));
        int inStep = 0;
        for (SecurityGroupId id : all) {
            try {
                for (SecurityGroups.Group group : cloud.list(Set.of(id))) {
                    boolean fits = keep(cluster, group, wanted.contains(id));
                    inStep += fits && wanted.contains(id) ? 1 : 0;
                }
            } catch (SecurityGroups.Unavailable e) {
                LOG.warnf("security group %s is not in step with policy yet: %s", id, e.getMessage());
            }
        }
        return inStep;
    }

    private boolean keep(PolicyCluster cluster, SecurityGroups.Group group, boolean wanted) {
        List<GroupRule> rules = List.of();
        boolean fits = true;
        if (wanted) {
            var translator = new GroupTranslator(cluster, group.type(), quota - group.others());
            List<PolicyPod> members = translator.members(group.id());
            switch (translator.translate(members)) {
                case Translation.Fits fit -> {
                    rules = fit.rules();
                    announced.remove(group.id());
                }
                case Translation.DoesNotFit refused -> {
                    fits = false;
                    announce(cluster, group.id(), members, refused.reasons());
                }
            }
        }
        GroupDiff diff = GroupDiff.between(rules, group.ours());
        if (!diff.empty()) {
            cloud.change(group.id(), diff);
            LOG.infof(
                    "security group %s: %d rules added, %d taken away",
                    group.id(), diff.add().size(), diff.remove().size());
        }
        if (rules.isEmpty()) {
            managed.remove(group.id());
        } else {
            managed.add(group.id());
        }
        return fits;
    }

    private void announce(PolicyCluster cluster, SecurityGroupId group, List<PolicyPod> members, List<String> reasons) {
        if (reasons.equals(announced.put(group, reasons))) {
            return;
        }
        for (Policy policy : cluster.policies()) {
            if (policy instanceof NetworkPolicy network
                    && network.bySecurityGroup()
                    && members.stream().anyMatch(pod -> cluster.means(network.subject(), pod))) {
                notices.accept(
                        policy.id(),
                        "security group " + group + " cannot say it: " + String.join("; ", reasons)
                                + ": the nodes enforce it alone");
            }
        }
    }
}
