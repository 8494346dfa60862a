package io.terway.policy.audit;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.terway.wire.policy.v1.Denial;
import io.terway.wire.policy.v1.DenialEnd;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.ReportRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;
import org.eclipse.microprofile.reactive.messaging.OnOverflow;

/** The beginning of the audit stream. It never blocks and never fails a caller: what does not fit is counted. */
@ApplicationScoped
public class DenialAudit {

    /** Where the audit stream leaves this process, named as in eni-manager and ipam-service. */
    static final String CHANNEL = "audit";

    /** Lines that may wait for the sink. */
    static final int BUFFER = 16_384;

    private final Emitter<String> emitter;
    private final Counter dropped;

    DenialAudit(
            @Channel(CHANNEL) @OnOverflow(value = OnOverflow.Strategy.BUFFER, bufferSize = BUFFER)
                    Emitter<String> emitter,
            MeterRegistry metrics) {
        this.emitter = emitter;
        dropped = Counter.builder("terway_policy_audit_dropped")
                .description("Denied connections that did not fit into the buffer of the audit channel")
                .register(metrics);
    }

    /** Writes a line for each denial, and one for those that the agent lost. */
    public void accept(ReportRequest report) {
        report.getDenialsList().forEach(denial -> write(line(report.getNodeName(), denial)));
        if (report.getLost() > 0) {
            write(line(Instant.now(), "denials-lost", report.getNodeName()).put("count", report.getLost()));
        }
    }

    private void write(ObjectNode line) {
        try {
            emitter.send(line.toString());
        } catch (IllegalStateException e) { // the buffer is full, or the process stops
            dropped.increment();
        }
    }

    /** {@code at} and {@code event} first, as in every audit line of the house. */
    private static ObjectNode line(Instant at, String event, String node) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("at", at.toString())
                .put("event", event)
                .put("node", node);
    }

    private static ObjectNode line(String node, Denial denial) {
        ObjectNode line = line(Instant.ofEpochMilli(denial.getAtMs()), "denial", node);
        line.put("direction", denial.getDirection() == Direction.INGRESS ? "ingress" : "egress");
        line.set("from", end(denial.getFrom()));
        line.set("to", end(denial.getTo()));
        line.put("protocol", denial.getProtocol()).put("port", denial.getPort());
        denial.getPoliciesList().forEach(line.putArray("policies")::add);
        return line.put("count", denial.getCount())
                .put("http", denial.getHttp())
                .put("forged", denial.getForged());
    }

    private static ObjectNode end(DenialEnd end) {
        ObjectNode out = JsonNodeFactory.instance.objectNode().put("ip", end.getAddress());
        if (end.hasPod()) {
            out.put("pod", end.getPod().getNamespace() + "/" + end.getPod().getName());
        }
        if (!end.getNode().isEmpty()) {
            out.put("node", end.getNode());
        }
        return out;
    }
}
