package io.terway.lab.api.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Refusal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrintTest {

    private static final ObjectNode OBJECT = Json.parseObject("""
            {"spec":{"size":3,"list":[{"a":1},{"a":2}]},"metadata":{"annotations":{"x.io/y":"z"}},
             "status":{"conditions":[{"type":"Ready","status":"True"},{"type":"Other","status":"False"}]}}
            """.getBytes(StandardCharsets.UTF_8));

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                ".spec.size|[3]",
                "spec.size|[3]",
                ".spec.list[1].a|[2]",
                ".spec.list[-1].a|[2]",
                ".spec.list[*].a|[1, 2]",
                ".spec.none|[]",
                ".spec.list[9].a|[]",
                ".metadata.annotations.x\\.io/y|[\"z\"]",
                ".metadata.annotations['x.io/y']|[\"z\"]",
                ".status.conditions[?(@.type==\"Ready\")].status|[\"True\"]",
                ".spec..size|[]",
                "[?(frob)]|[]"
            })
    void columnPathsFindTheirValues(String path, String found) {
        assertEquals(found, PathExpression.find(path, OBJECT).toString());
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "119, 119s",
        "120, 2m",
        "150, 2m30s",
        "700, 11m",
        "10800, 3h",
        "10860, 3h1m",
        "100000, 27h",
        "180000, 2d2h",
        "864000, 10d",
        "63072000, 2y",
        "-5, <invalid>"
    })
    void agesHaveOneOrTwoUnits(long seconds, String printed) {
        Instant then = Instant.parse("2026-01-01T00:00:00Z");

        assertEquals(printed, Age.between(then, then.plusSeconds(seconds)));
    }

    @Test
    void theFirstOfferThatCanBeMadeIsTaken() {
        assertEquals(
                new Media.Table(),
                Media.of(
                        "application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json;as=Table;v=v1;g=meta.k8s.io"));
        assertEquals(new Media.Plain(), Media.of("application/vnd.kubernetes.protobuf, application/json"));
        assertThrows(Refusal.class, () -> Media.of("text/html"));
    }
}
