package io.terway.link;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Writes notices as Kubernetes events, a few a second at most. What repeats within {@link #QUIET} is only counted, and the
 * count is written with the next one after it. Never blocks its callers.
 */
public final class Notices implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Notices.class);

    /** A notice is written once in this time. */
    static final Duration QUIET = Duration.ofMinutes(5);

    /** Notices that wait to be written; further ones are in the log only. */
    static final int WAITING = 256;

    /** Notices that are remembered. */
    private static final int MOST_REMEMBERED = 1_024;

    private static final Duration PACE = Duration.ofMillis(200);

    /** Port: where events go. The API server in production. */
    interface Events {

        /** False when there is one of that name. */
        boolean create(Event event);

        /** @param count 0: not known */
        void repeat(Event event, long count);
    }

    /** @param made true once there is an event of it */
    private record Told(Instant written, long count, boolean made) {}

    private final Events events;
    private final InstantSource clock;
    private final String component;
    private final String host;
    private final BlockingQueue<Notice> queue = new ArrayBlockingQueue<>(WAITING);
    private final SequencedMap<Notice, Told> told = new LinkedHashMap<>(); // guarded by this
    private final Thread writer;

    /**
     * @param component who tells
     * @param host where it runs; empty: it does not matter
     */
    public Notices(Supplier<KubernetesClient> client, String component, String host) {
        this(new ApiServer(client), InstantSource.system(), component, host);
    }

    Notices(Events events, InstantSource clock, String component, String host) {
        this.events = events;
        this.clock = clock;
        this.component = component;
        this.host = host;
        writer = Thread.ofVirtual().name("notices").start(this::write);
    }

    /** Tells. Any thread. */
    public void post(Notice notice) {
        if (isDue(notice) && !queue.offer(notice)) {
            LOG.warnf(
                    "no event %s on %s: %d are waiting already",
                    notice.reason(), notice.subject().name(), WAITING);
        }
    }

    private synchronized boolean isDue(Notice notice) {
        Instant now = clock.instant();
        Told before = told.get(notice);
        if (before == null) {
            told.put(notice, new Told(now, 1, false));
            if (told.size() > MOST_REMEMBERED) {
                told.pollFirstEntry();
            }
            return true;
        }
        boolean clockWentBack = now.isBefore(before.written());
        boolean due = clockWentBack || !now.isBefore(before.written().plus(QUIET));
        told.put(notice, new Told(due ? now : before.written(), before.count() + 1, before.made()));
        return due;
    }

    /** So that the next one is tried. */
    private synchronized void forget(Notice notice) {
        told.remove(notice);
    }

    private synchronized Told known(Notice notice) {
        return told.getOrDefault(notice, new Told(clock.instant(), 1, false));
    }

    private synchronized void made(Notice notice) {
        told.computeIfPresent(notice, (_, known) -> new Told(known.written(), known.count(), true));
    }

    private void write() {
        try {
            while (true) {
                write(queue.take());
                Thread.sleep(PACE);
            }
        } catch (InterruptedException e) {
            LOG.debug("no events are written any more");
        }
    }

    private void write(Notice notice) {
        Told known = known(notice);
        Event event = notice.event(component, host, known.count(), clock.instant());
        try {
            if (known.made()) {
                events.repeat(event, known.count());
            } else if (!events.create(event)) {
                events.repeat(event, 0); // an earlier process told it
            }
            made(notice);
        } catch (KubernetesClientException e) {
            forget(notice);
            LOG.warnf(
                    "event %s on %s was not written: %s",
                    notice.reason(), notice.subject().name(), e.getMessage());
        }
    }

    @Override
    public void close() {
        writer.interrupt();
    }

    private record ApiServer(Supplier<KubernetesClient> client) implements Events {

        @Override
        public boolean create(Event event) {
            try {
                client.get().resource(event).create();
                return true;
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
                    return false;
                }
                throw e;
            }
        }

        /** An event lives an hour: one that is gone is made anew. */
        @Override
        public void repeat(Event event, long count) {
            String counted = count == 0 ? "" : "\"count\":" + count + ",";
            try {
                client.get()
                        .v1()
                        .events()
                        .inNamespace(event.getMetadata().getNamespace())
                        .withName(event.getMetadata().getName())
                        .patch(
                                PatchContext.of(PatchType.JSON_MERGE),
                                "{" + counted + "\"lastTimestamp\":\"" + event.getLastTimestamp() + "\"}");
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                    throw e;
                }
                create(event);
            }
        }
    }
}
