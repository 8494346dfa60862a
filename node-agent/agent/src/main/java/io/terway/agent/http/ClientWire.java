package io.terway.agent.http;

import io.netty.channel.Channel;

/** What an exchange must know of how its client speaks. */
sealed interface ClientWire {

    /** HTTP/1: one exchange after the other on a connection. */
    record Http1(HeadTimer timer, ResponseEncoder encoder) implements ClientWire {}

    /** A stream of HTTP/2: one exchange, then it ends. */
    record Stream() implements ClientWire {}

    /** The next bytes begin a request. */
    default void expectsRequest() {
        if (this instanceof Http1(HeadTimer timer, ResponseEncoder _)) {
            timer.expect();
        }
    }

    /** A request's head is there. */
    default void hasRequest(boolean isHead) {
        if (this instanceof Http1(HeadTimer timer, ResponseEncoder encoder)) {
            timer.arrived();
            encoder.answers(isHead);
        }
    }

    default boolean isStream() {
        return this instanceof Stream;
    }

    /** Takes HTTP away, so that bytes pass as they are. */
    default void strip(Channel channel) {
        if (this instanceof Http1) {
            channel.pipeline().remove(Paced.class);
            channel.pipeline().remove(StrictRequestDecoder.class);
            channel.pipeline().remove(ResponseEncoder.class);
        }
    }
}
