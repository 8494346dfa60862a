package io.terway.agent.sandbox;

import io.terway.agent.ledger.Ledger;
import io.terway.agent.ledger.LedgerUnusable;
import io.terway.agent.loop.News;
import io.terway.net.SandboxKey;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * Releases of sandboxes whose traffic is cut. One that the disk does not take is owed: the addresses stay booked, nobody
 * connects the sandbox again, and it is written as soon as the disk does. Any thread.
 */
public final class Releases {

    private static final Logger LOG = Logger.getLogger(Releases.class);

    private final Ledger ledger;
    private final Lanes lanes;
    private final Runnable freed;
    private final News refusals = new News();

    /** Bounded by the addresses of the node. A key is added, settled and taken out in its lane. */
    private final Set<SandboxKey> owed = ConcurrentHashMap.newKeySet();

    /** @param freed told after each release */
    Releases(Ledger ledger, Lanes lanes, Runnable freed) {
        this.ledger = ledger;
        this.lanes = lanes;
        this.freed = freed;
    }

    /** Writes the release, or owes it. In the sandbox's lane, or before there are any. */
    void release(SandboxKey key) {
        try {
            write(key);
        } catch (LedgerUnusable e) {
            owed.add(key);
            if (refusals.isNew(e.getMessage())) {
                LOG.errorf("%s is cut off but stays booked: %s", key, e.getMessage());
            }
        }
    }

    /**
     * Writes the release that is owed for a sandbox, if any: it must not be taken up again before. In its lane.
     *
     * @throws LedgerUnusable when the disk still does not take it
     */
    void settle(SandboxKey key) {
        if (owed.contains(key)) {
            write(key);
        }
    }

    /** True when the sandbox is cut off though the ledger still books it. In its lane. */
    boolean isOwed(SandboxKey key) {
        return owed.contains(key);
    }

    /** Writes what is owed, except for sandboxes with a call under way: that call settles it. */
    public void writeOwed() {
        try {
            owed.forEach(key -> lanes.runIfIdle(key, () -> settle(key)));
        } catch (LedgerUnusable e) {
            LOG.debugf("%d releases are still owed: %s", owed.size(), e.getMessage());
        }
    }

    private void write(SandboxKey key) {
        ledger.release(key, true);
        owed.remove(key);
        refusals.over();
        freed.run();
    }
}
