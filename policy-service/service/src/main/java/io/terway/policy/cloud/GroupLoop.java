package io.terway.policy.cloud;

import io.terway.policy.NetworkPolicy;
import io.terway.policy.PolicyCluster;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Runs {@link GroupSync} every few seconds while this replica leads; the cloud is asked only if some policy wants it. */
public final class GroupLoop implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(GroupLoop.class);
    private static final Duration EVERY = Duration.ofSeconds(5);
    private static final Duration SNAPSHOT_WITHIN = Duration.ofSeconds(30);

    private final Supplier<Future<PolicyCluster>> snapshots;
    private final BooleanSupplier leads;
    private final GroupSync sync;
    private final Thread thread;
    private boolean owed = true;

    /**
     * @param snapshots asks for the cluster as it is
     * @param leads true while this replica may change groups
     */
    public GroupLoop(
            Supplier<Future<PolicyCluster>> snapshots,
            BooleanSupplier leads,
            SecurityGroups cloud,
            int quota,
            java.util.function.BiConsumer<io.terway.policy.PolicyId, String> notices) {
        this.snapshots = snapshots;
        this.leads = leads;
        sync = new GroupSync(cloud, quota, notices);
        thread = Thread.ofVirtual().name("policy-groups").start(this::run);
    }

    /** False when groups are followed no more. */
    boolean isAlive() {
        return thread.isAlive();
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(EVERY);
                if (leads.getAsBoolean()) {
                    round();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("security groups are no longer followed");
        }
    }

    private void round() throws InterruptedException {
        try {
            PolicyCluster cluster = snapshots.get().get(SNAPSHOT_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
            boolean asked = cluster.policies().stream()
                    .anyMatch(policy -> policy instanceof NetworkPolicy network && network.bySecurityGroup());
            // One more round after the last marked policy went, or after a start, takes away rules that are left.
            boolean cleaning = owed
                    && cluster.pods().stream()
                            .anyMatch(pod -> !pod.securityGroups().isEmpty());
            if (asked || cleaning) {
                sync.round(cluster);
            }
            owed = asked;
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("no look at the cluster for security groups: %s", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("this round over the security groups failed, the next one is tried", e);
        }
    }
}
