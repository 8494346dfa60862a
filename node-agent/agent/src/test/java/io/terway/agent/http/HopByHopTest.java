package io.terway.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HopByHopTest {

    @Test
    void whatIsAboutOneConnectionEndsWithIt() {
        HttpHeaders headers = headers(
                "Connection",
                "keep-alive, X-Mine",
                "X-Mine",
                "1",
                "Keep-Alive",
                "5",
                "Upgrade",
                "x",
                "TE",
                "gzip, trailers",
                "X-Other",
                "2");

        HopByHop.remove(headers);

        assertEquals(List.of(Map.entry("X-Other", "2"), Map.entry("te", "trailers")), headers.entries());
    }

    @Test
    void aConnectionHeaderTakesNeitherHostNorLengthAway() {
        HttpHeaders headers =
                headers("Host", "h", "Content-Length", "5", "Connection", "Host, Content-Length, Authorization");

        HopByHop.remove(headers);

        assertEquals(List.of(Map.entry("Host", "h"), Map.entry("Content-Length", "5")), headers.entries());
    }

    @Test
    void aWebsocketIsOneThatIsAskedForAlone() {
        assertTrue(HopByHop.isWebsocket(headers("Connection", "keep-alive, Upgrade", "Upgrade", "WebSocket")));
        assertFalse(HopByHop.isWebsocket(headers("Connection", "Upgrade", "Upgrade", "h2c")));
        assertFalse(HopByHop.isWebsocket(headers("Upgrade", "websocket")));
        assertFalse(HopByHop.isWebsocket(headers("Connection", "Upgrade", "Upgrade", "websocket", "Upgrade", "h2c")));
        assertFalse(HopByHop.isWebsocket(headers("Connection", "Upgrade")));
    }

    private static HttpHeaders headers(String... pairs) {
        HttpHeaders headers = new DefaultHttpHeaders();
        for (int i = 0; i < pairs.length; i += 2) {
            headers.add(pairs[i], pairs[i + 1]);
        }
        return headers;
    }
}
