package io.terway.eni.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditFileTest {

    @TempDir
    Path dir;

    private static AuditEvent event(String subject) {
        return new AuditEvent(Instant.EPOCH, 3, "DeleteNetworkInterface", subject, "ok", 12);
    }

    @Test
    void writesOneLineOfJsonPerEvent() throws IOException {
        new AuditFile(dir, 1000, 2).append(event("eni-\"1\"\n"));

        assertEquals(
                List.of("{\"at\":\"1970-01-01T00:00:00Z\",\"term\":3,\"action\":\"DeleteNetworkInterface\","
                        + "\"subject\":\"eni-\\\"1\\\"\\u000a\",\"outcome\":\"ok\",\"millis\":12}"),
                Files.readAllLines(dir.resolve("audit.jsonl")));
    }

    @Test
    void neverUsesMoreDiskThanItsBound() throws IOException {
        AuditFile file = new AuditFile(dir, 500, 3);
        for (int i = 0; i < 200; i++) {
            file.append(event("eni-" + i));
        }

        try (Stream<Path> files = Files.list(dir)) {
            List<Path> all = files.toList();
            assertEquals(4, all.size());
            for (Path one : all) {
                assertTrue(Files.size(one) < 500 + 200, one + " has " + Files.size(one));
            }
        }
        assertTrue(Files.readString(dir.resolve("audit.jsonl")).contains("eni-199"));
    }
}
