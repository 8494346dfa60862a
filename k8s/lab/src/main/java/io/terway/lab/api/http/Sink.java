package io.terway.lab.api.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;

/** Where a watch writes: one event at a time, in a chunked response or in WebSocket messages. */
interface Sink {

    void send(byte[] event);

    /** True when what was sent waits for the client to read. */
    boolean isFull();

    void whenDrained(Runnable then);

    /** Called when the connection is gone, also while or after {@link #end}. */
    void whenClosed(Runnable then);

    void end();

    /** A response that stays open; events are lines. */
    record Chunked(HttpServerResponse response) implements Sink {
        @Override
        public void send(byte[] event) {
            response.write(Buffer.buffer(event).appendByte((byte) '\n'));
        }

        @Override
        public boolean isFull() {
            return response.writeQueueFull();
        }

        @Override
        public void whenDrained(Runnable then) {
            response.drainHandler(ready -> then.run());
        }

        @Override
        public void whenClosed(Runnable then) {
            response.closeHandler(closed -> then.run());
            response.exceptionHandler(failed -> then.run());
        }

        @Override
        public void end() {
            response.end();
        }
    }

    /** A WebSocket; events are text messages. */
    record Socket(ServerWebSocket socket) implements Sink {
        @Override
        public void send(byte[] event) {
            socket.writeTextMessage(new String(event, java.nio.charset.StandardCharsets.UTF_8));
        }

        @Override
        public boolean isFull() {
            return socket.writeQueueFull();
        }

        @Override
        public void whenDrained(Runnable then) {
            socket.drainHandler(ready -> then.run());
        }

        @Override
        public void whenClosed(Runnable then) {
            socket.closeHandler(closed -> then.run());
            socket.exceptionHandler(failed -> then.run());
        }

        @Override
        public void end() {
            socket.close();
        }
    }
}
