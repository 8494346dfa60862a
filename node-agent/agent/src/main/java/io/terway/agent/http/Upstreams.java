package io.terway.agent.http;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;

/** Gives an exchange a channel to the server: a connection of HTTP/1, or a stream of HTTP/2. */
interface Upstreams {

    /** A channel that carries this exchange's next request; its last handler is a {@link ResponseReader}. */
    Future<Channel> open(Exchange exchange);

    /** True when a channel serves one exchange only and ends with it. */
    boolean singleUse();
}
