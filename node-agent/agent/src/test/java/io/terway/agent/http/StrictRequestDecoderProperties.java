package io.terway.agent.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Laws of what is read as requests, on well-formed ones that are spoiled in a few places. */
class StrictRequestDecoderProperties {

    private static final int RUNS = 5_000 * Integer.getInteger("test.scale", 1);

    private static final String[] PARTS = {
        "GET /a HTTP/1.1\r\n",
        "POST /b HTTP/1.1\r\n",
        "POST /c HTTP/1.0\r\n",
        "Host: h\r\n",
        "Host: other\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: 0\r\n",
        "Content-Length: 5, 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Connection: close\r\n",
        "X: y\r\n",
        "\r\n",
        "hello",
        "5\r\nhello\r\n",
        "0\r\n\r\n",
        "\n",
        "\r",
        " ",
        ":",
        "\0",
    };

    @Test
    void whateverComesIsReadAsTheSameRequestsAgainOnceItIsWrittenAnew() {
        Random random = new Random(11);
        int accepted = 0;
        for (int run = 0; run < RUNS; run++) {
            String sent = text(random);
            List<HttpObject> read = read(sent);
            List<String> heads = heads(read);
            accepted += heads.size();

            assertEquals(heads, heads(read(written(read))), "run " + run + ": " + sent);
            read.forEach(ReferenceCountUtil::release);
        }
        assertTrue(accepted > RUNS / 10, accepted + " requests were accepted");
    }

    @Test
    void nothingIsReadBehindARequestThatCouldBeReadInTwoWays() {
        Random random = new Random(12);
        for (int run = 0; run < RUNS; run++) {
            String sent = text(random);
            List<HttpObject> read = read(sent);
            boolean failed = false;
            for (HttpObject object : read) {
                assertTrue(!failed, "run " + run + ": " + sent);
                failed = object.decoderResult().isFailure();
                if (object instanceof HttpRequest request && !failed) {
                    int lengths = request.headers()
                            .getAll(HttpHeaderNames.CONTENT_LENGTH)
                            .size();
                    int codings = request.headers()
                            .getAll(HttpHeaderNames.TRANSFER_ENCODING)
                            .size();
                    assertTrue(lengths + codings <= 1, "run " + run + ": " + sent);
                }
            }
            read.forEach(ReferenceCountUtil::release);
        }
    }

    private static String text(Random random) {
        StringBuilder out = new StringBuilder();
        for (int requests = 1 + random.nextInt(2); requests > 0; requests--) {
            out.append(PARTS[random.nextInt(3)]).append(PARTS[3]);
            for (int i = random.nextInt(3); i > 0; i--) {
                out.append(PARTS[5 + random.nextInt(7)]);
            }
            out.append("\r\n").append(random.nextBoolean() ? "hello" : "0\r\n\r\n");
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            out.insert(random.nextInt(out.length()), PARTS[random.nextInt(PARTS.length)]);
        }
        return out.toString();
    }

    private static List<HttpObject> read(String text) {
        EmbeddedChannel channel = new EmbeddedChannel(new StrictRequestDecoder(ProxyLimits.DEFAULT));
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
        List<HttpObject> out = new ArrayList<>();
        for (HttpObject object = channel.readInbound(); object != null; object = channel.readInbound()) {
            out.add(object);
        }
        return out;
    }

    /** What is passed on: up to the first failure. */
    private static String written(List<HttpObject> objects) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpRequestEncoder());
        StringBuilder out = new StringBuilder();
        for (HttpObject object : objects) {
            if (object.decoderResult().isFailure()) {
                break;
            }
            channel.writeOutbound(ReferenceCountUtil.retain(object));
        }
        for (ByteBuf buffer = channel.readOutbound(); buffer != null; buffer = channel.readOutbound()) {
            out.append(buffer.toString(StandardCharsets.ISO_8859_1));
            buffer.release();
        }
        return out.toString();
    }

    private static List<String> heads(List<HttpObject> objects) {
        return objects.stream()
                .takeWhile(object -> object.decoderResult().isSuccess())
                .filter(HttpRequest.class::isInstance)
                .map(HttpRequest.class::cast)
                .map(request -> request.method() + " " + request.uri() + " "
                        + request.headers().entries())
                .toList();
    }
}
