package io.terway.ipam.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.terway.ipam.IpamCommand;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;
import org.jboss.logging.Logger;

/**
 * Hands binds and releases to the audit channel without waiting: what does not fit is counted, the request goes on. They are
 * written as text and sent by a thread of their own, in order and as the channel's end asks for them.
 */
@ApplicationScoped
public class AuditTrail {

    /** Where the audit stream leaves this process, named as in eni-manager. */
    static final String CHANNEL = "audit";

    /** Lines that wait for their end. */
    static final int WAITING = 65_536;

    private static final Logger LOG = Logger.getLogger(AuditTrail.class);
    /** Until a slow end is asked again whether it wants more. */
    private static final Duration ASK_EVERY = Duration.ofMillis(10);

    private record Entry(IpamCommand.Audit audit, Instant at) {}

    private final BlockingQueue<Entry> waiting = new ArrayBlockingQueue<>(WAITING);
    private final Emitter<String> emitter;
    private final Counter dropped;
    private final Thread sender;

    AuditTrail(
            @Channel(CHANNEL) @OnOverflow(OnOverflow.Strategy.THROW_EXCEPTION) Emitter<String> emitter,
            MeterRegistry registry) {
        this.emitter = emitter;
        dropped = registry.counter("terway_ipam_audit_dropped");
        sender = Thread.ofPlatform().daemon().name("audit").start(this::send);
    }

    public void write(IpamCommand.Audit audit) {
        if (!waiting.offer(new Entry(audit, Instant.now()))) {
            dropped.increment();
        }
    }

    private void send() {
        try {
            while (true) {
                Entry next = waiting.take();
                while (!emitter.hasRequests()) {
                    LockSupport.parkNanos(ASK_EVERY.toNanos());
                    if (Thread.interrupted()) {
                        return;
                    }
                }
                try {
                    emitter.send(AuditLine.of(next.audit(), next.at()).json());
                } catch (RuntimeException e) { // the end has failed or is closed: the line is lost, and counted
                    LOG.debugf("a line is lost: %s", e.getMessage());
                    dropped.increment();
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("the audit ends");
        }
    }

    @PreDestroy
    void close() {
        sender.interrupt();
    }
}
