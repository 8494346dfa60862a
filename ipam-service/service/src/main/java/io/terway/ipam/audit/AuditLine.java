package io.terway.ipam.audit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.ipam.Holder;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.LedgerEvent;
import io.terway.net.SandboxKey;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One bind or release, as it is written: a flat JSON object. */
public record AuditLine(
        Instant at,
        String node,
        String event,
        Holder holder,
        SandboxKey sandbox,
        List<String> addresses,
        long sequence) {

    private static final ObjectMapper JSON = new ObjectMapper();

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
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("at", at.toString());
        line.put("event", event);
        line.put("node", node);
        line.put("namespace", holder.pod().namespace());
        line.put("pod", holder.pod().name());
        line.put("uid", holder.uid());
        line.put("container", sandbox.containerId());
        line.put("addresses", addresses);
        line.put("sequence", sequence);
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map of texts is always JSON", e);
        }
    }
}
