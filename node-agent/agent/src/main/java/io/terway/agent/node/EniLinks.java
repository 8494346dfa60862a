package io.terway.agent.node;

import io.terway.agent.apply.EniResult;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.sandbox.Datapath;
import io.terway.agent.sandbox.Supply;
import io.terway.net.EniId;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.ledger.OfferedEni;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Brings the links of offered ENIs up as they appear: the cloud hot-plugs the device some time after the offer. Looks
 * often while one is missing, else now and then.
 */
public final class EniLinks implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EniLinks.class);

    private static final Duration WHILE_MISSING = Duration.ofMillis(100);
    private static final Duration OTHERWISE = Duration.ofSeconds(30);

    private final Ledger ledger;
    private final Datapath datapath;
    private final Supply supply;
    private final Map<EniId, EniResult.Ready> ready = new ConcurrentHashMap<>();
    private final Thread thread;

    public EniLinks(Ledger ledger, Datapath datapath, Supply supply) {
        this.ledger = ledger;
        this.datapath = datapath;
        this.supply = supply;
        this.thread = Thread.ofPlatform().daemon().name("eni-links").unstarted(this::run);
    }

    /** Lends a thread. */
    public void start() {
        thread.start();
    }

    /** The ENI's link, once it is up and routes; {@link Supply} tells of a change. */
    public Optional<EniResult.Ready> link(EniId eni) {
        return Optional.ofNullable(ready.get(eni));
    }

    /** The ENI as the datapath needs it. */
    public static EniAttachment attachment(OfferedEni eni) {
        return new EniAttachment(eni.id(), eni.mac(), eni.subnets());
    }

    private void run() {
        while (!Thread.currentThread().isInterrupted()) {
            long seen = supply.version();
            boolean missing = lookOnce();
            if (missing) {
                supply.await(seen, WHILE_MISSING);
            } else {
                awaitOther(seen);
            }
        }
    }

    /** Sleeps until an ENI is offered that is not up, or it is time to look again. */
    private void awaitOther(long seen) {
        long until = System.nanoTime() + OTHERWISE.toNanos();
        long version = seen;
        while (!Thread.currentThread().isInterrupted()) {
            Duration left = Duration.ofNanos(until - System.nanoTime());
            if (left.isNegative()
                    || !ready.keySet()
                            .containsAll(offered().stream().map(OfferedEni::id).toList())) {
                return;
            }
            supply.await(version, left);
            version = supply.version();
        }
    }

    /** One look at every ENI; true when a link is missing. */
    private boolean lookOnce() {
        List<OfferedEni> offered = offered();
        ready.keySet().retainAll(offered.stream().map(OfferedEni::id).toList());
        boolean missing = false;
        for (OfferedEni eni : offered) {
            switch (datapath.ensureEni(attachment(eni))) {
                case EniResult.Ready up -> {
                    if (!up.equals(ready.put(eni.id(), up))) {
                        LOG.infof("%s is %s, table %d", eni.id(), up.link(), up.table());
                        supply.changed();
                    }
                }
                case EniResult.Absent() -> {
                    missing = true;
                    ready.remove(eni.id());
                }
                case EniResult.Failed failed -> {
                    missing = true;
                    ready.remove(eni.id());
                    LOG.warnf("%s: %s: %s", eni.id(), failed.step(), failed.reason());
                }
            }
        }
        return missing;
    }

    private List<OfferedEni> offered() {
        return ledger.read(
                state -> state.enis().stream().filter(e -> !e.primary()).toList());
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
