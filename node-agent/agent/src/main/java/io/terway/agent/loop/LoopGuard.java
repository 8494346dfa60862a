package io.terway.agent.loop;

import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * The top of a loop: an exception ends the turn that threw it, not the loop, and is logged when it is news. An Error does
 * end the loop; liveness watches the thread. One loop's.
 */
public final class LoopGuard {

    private static final Logger LOG = Logger.getLogger(LoopGuard.class);

    /** After a failed turn, so that a lasting failure does not take a core. */
    private static final Duration REST = Duration.ofSeconds(1);

    private final String loop;
    private final News failures = new News();

    /** One turn of a loop. */
    public interface Turn {
        void run() throws InterruptedException;
    }

    /** @param loop its name, for the log */
    public LoopGuard(String loop) {
        this.loop = loop;
    }

    /** Takes a turn; rests after one that failed. */
    public void turn(Turn turn) throws InterruptedException {
        try {
            turn.run();
            failures.over();
        } catch (RuntimeException e) {
            complain(e);
            Thread.sleep(REST);
        }
    }

    /** The same work for a timer, which would never call again what threw once. */
    public Runnable task(Runnable work) {
        return () -> {
            try {
                work.run();
                failures.over();
            } catch (RuntimeException e) {
                complain(e);
            }
        };
    }

    private void complain(RuntimeException e) {
        if (failures.isNew(e.toString())) {
            LOG.errorf(e, "%s: this turn failed, the next ones are tried", loop);
        }
    }
}
