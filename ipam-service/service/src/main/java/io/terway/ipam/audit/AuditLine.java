package io.terway.ipam.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.terway.ipam.Holder;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.LedgerEvent;
import io.terway.net.SandboxKey;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;

/** One bind or release, as it is written: a flat JSON object. */
public record AuditLine(
        Instant at,
        String node,
        String event,
        Holder holder,
        SandboxKey sandbox,
        List<String> addresses,
        long sequence) {

    private static final JsonFactory JSON = new JsonFactory();
    private static final int TYPICAL = 512;

    static AuditLine of(IpamCommand.Audit audit, Instant at) {
        String node = audit.node().value();
        return switch (audit.event()) {
            case LedgerEvent.Bound bound -> {
                var binding = bound.binding();
                List<String> addresses = binding.addresses().stream()
                        .map(address -> address.ip().toString())
                        .toList();
                yield new AuditLine(
                        at, node, "bound", binding.holder(), binding.sandbox(), addresses, binding.sequence());
            }
            case LedgerEvent.Released released ->
                new AuditLine(
                        at,
                        node,
                        "released",
                        released.holder(),
                        released.sandbox(),
                        released.addresses().stream().map(Object::toString).toList(),
                        released.sequence());
        };
    }

    String json() {
        var text = new StringWriter(TYPICAL);
        try (JsonGenerator line = JSON.createGenerator(text)) {
            line.writeStartObject();
            line.writeStringField("at", at.toString());
            line.writeStringField("event", event);
            line.writeStringField("node", node);
            line.writeStringField("namespace", holder.pod().namespace());
            line.writeStringField("pod", holder.pod().name());
            line.writeStringField("uid", holder.uid());
            line.writeStringField("container", sandbox.containerId());
            line.writeArrayFieldStart("addresses");
            for (String address : addresses) {
                line.writeString(address);
            }
            line.writeEndArray();
            line.writeNumberField("sequence", sequence);
            line.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("a line in memory is always written", e);
        }
        return text.toString();
    }
}
