package io.terway.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {

    @ParameterizedTest
    @CsvSource({
        "/a%2Fb?x=%2F, /a/b?x=%2F",
        "/a//b, /a/b",
        "/a%5cb, /a/b",
        "/%61pi, /api",
        "/a\\b, /a/b",
    })
    void aPathThatServersReadDifferentlyHasBothReadings(String text, String other) {
        assertEquals(List.of(text, other), RequestTarget.of(text).readings());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/api/v1/orders?q=a/../b", "/%E4%B8%AD", "*", "/a;v=1/b..c/.well-known"})
    void aPlainPathHasOne(String text) {
        assertEquals(List.of(text), RequestTarget.of(text).readings());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "admin",
                "http://host/a",
                "/a/../b",
                "/a/..",
                "/a/%2e%2E/b",
                "/a/.%2e/b",
                "/a/..;x/b",
                "/a/..%2fb",
                "/a\\..\\b",
                "/a%00",
                "/a%0d",
                "/a%",
                "/a%4",
                "/a%zz",
                "/a b",
                "/a#b",
                "/\u00e4",
                "/./a"
            })
    void whatClimbsOrIsNoPathIsNoTarget(String text) {
        assertThrows(IllegalArgumentException.class, () -> RequestTarget.of(text));
    }

    @Test
    void aHostLosesItsPort() {
        assertEquals("a.b", Request.hostOf("a.b:80"));
        assertEquals("[::1]", Request.hostOf("[::1]:80"));
        assertEquals("a", Request.hostOf("a"));
    }
}
