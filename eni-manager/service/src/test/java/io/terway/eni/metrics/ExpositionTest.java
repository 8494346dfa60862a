package io.terway.eni.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class ExpositionTest {

    @Test
    void namesWithoutTotalLoseItInEveryKindOfLine() {
        String text = """
                # HELP terway_api_call_errors_total Failed
                # TYPE terway_api_call_errors_total counter
                terway_api_call_errors_total{api="AttachNetworkInterface"} 1.0
                # TYPE terway_api_call_total counter
                terway_api_call_total{api="AttachNetworkInterface"} 2.0
                """;

        assertEquals("""
                # HELP terway_api_call_errors Failed
                # TYPE terway_api_call_errors counter
                terway_api_call_errors{api="AttachNetworkInterface"} 1.0
                # TYPE terway_api_call_total counter
                terway_api_call_total{api="AttachNetworkInterface"} 2.0
                """, Exposition.rename(text));
    }
}
