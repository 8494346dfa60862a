package io.terway.ipam.cloud;

import io.grpc.StatusRuntimeException;
import io.terway.ipam.CloudInstance;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.VSwitchSupply;
import io.terway.ipam.leader.LoopThread;
import io.terway.ipam.leader.Terms;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.wire.eni.v1.InstanceUpdate;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.eclipse.microprofile.faulttolerance.exceptions.FaultToleranceException;
import org.jboss.logging.Logger;

/** Follows eni-manager's instances and vSwitches while we lead. */
public final class CloudWatch implements Terms.Follower, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(CloudWatch.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(200);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);
    private static final Duration VSWITCHES_EVERY = Duration.ofMinutes(1);

    private final EniManager eniManager;
    private final Terms terms;
    private final Consumer<List<VSwitchSupply>> vSwitches;
    private final UnaryOperator<List<EniId>> unnamed;
    private final Predicate<CloudInstance> ours;
    private volatile Optional<Thread> watcher = Optional.empty();
    private volatile Optional<Thread> lister = Optional.empty();

    /**
     * @param vSwitches told what the VPC has each time it is listed
     * @param unnamed those of kept ENIs that no PodNetInfo names
     * @param ours instances of others are passed over
     */
    public CloudWatch(
            EniManager eniManager,
            Terms terms,
            Consumer<List<VSwitchSupply>> vSwitches,
            UnaryOperator<List<EniId>> unnamed,
            Predicate<CloudInstance> ours) {
        this.unnamed = unnamed;
        this.ours = ours;
        this.eniManager = eniManager;
        this.vSwitches = vSwitches;
        this.terms = terms;
    }

    @Override
    public void begins(LoopThread loop) {
        watcher = Optional.of(Thread.ofVirtual().name("eni-watch").start(() -> watch(loop)));
        lister = Optional.of(Thread.ofVirtual().name("vswitches").start(() -> list(loop)));
    }

    @Override
    public void ends(LoopThread loop) {
        close();
    }

    @Override
    public void close() {
        watcher.ifPresent(Thread::interrupt);
        lister.ifPresent(Thread::interrupt);
    }

    private boolean leads(LoopThread loop) {
        return terms.current().equals(Optional.of(loop))
                && !Thread.currentThread().isInterrupted();
    }

    private void watch(LoopThread loop) {
        Duration wait = FIRST_WAIT;
        while (leads(loop)) {
            try {
                Iterator<InstanceUpdate> updates = eniManager.watch();
                while (updates.hasNext()) {
                    take(loop, updates.next());
                    wait = FIRST_WAIT;
                }
            } catch (StatusRuntimeException e) {
                // One line when it breaks, not one per attempt.
                LOG.logf(
                        wait.equals(FIRST_WAIT) ? Logger.Level.INFO : Logger.Level.DEBUG,
                        "watch of eni-manager ended: %s",
                        e.getMessage());
                eniManager.refresh();
            }
            if (!pause(wait)) {
                return;
            }
            wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait.multipliedBy(2);
        }
    }

    private void take(LoopThread loop, InstanceUpdate update) {
        if (!update.hasInstance()) {
            return;
        }
        try {
            CloudInstance instance = CloudWire.instance(update.getInstance());
            if (ours.test(instance)) {
                loop.put(new IpamEvent.InstanceSeen(instance));
            }
        } catch (IllegalArgumentException e) {
            LOG.errorf("instance %s is unreadable: %s", update.getInstance().getInstanceId(), e.getMessage());
        }
    }

    private void list(LoopThread loop) {
        boolean routes = false;
        while (leads(loop)) {
            routes = routes || listRoutes(loop);
            try {
                List<VSwitchSupply> seen = CloudWire.vSwitches(eniManager.vSwitches());
                loop.put(new IpamEvent.VSwitchesSeen(seen));
                vSwitches.accept(seen);
            } catch (StatusRuntimeException | FaultToleranceException | IllegalArgumentException e) {
                LOG.debugf("vSwitches cannot be listed: %s", e.getMessage());
            }
            listKept(loop);
            if (!pause(VSWITCHES_EVERY)) {
                return;
            }
        }
    }

    /** Once a term: entries whose machine went while nobody led. */
    private boolean listRoutes(LoopThread loop) {
        try {
            Map<Cidr, InstanceId> ours = CloudWire.routes(eniManager.routes());
            if (!ours.isEmpty()) {
                loop.put(new IpamEvent.RoutesSeen(ours));
            }
            return true;
        } catch (StatusRuntimeException | FaultToleranceException | IllegalArgumentException e) {
            LOG.debugf("route entries cannot be listed: %s", e.getMessage());
            return false;
        }
    }

    private void listKept(LoopThread loop) {
        try {
            List<EniId> kept = eniManager.keptEnis().getEniIdsList().stream()
                    .map(EniId::new)
                    .toList();
            loop.put(new IpamEvent.KeptEnisSeen(kept.isEmpty() ? kept : unnamed.apply(kept)));
        } catch (StatusRuntimeException | FaultToleranceException | IllegalArgumentException e) {
            LOG.debugf("kept ENIs cannot be listed: %s", e.getMessage());
        }
    }

    private static boolean pause(Duration wait) {
        try {
            Thread.sleep(wait);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
