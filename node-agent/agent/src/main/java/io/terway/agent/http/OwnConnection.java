package io.terway.agent.http;

import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;

/** One connection of HTTP/1 to the server for one exchange, used again for the requests that follow on it. */
final class OwnConnection implements Upstreams {

    private final ProxyConnection connection;
    private final boolean singleUse;
    private Channel open;

    /** @param singleUse true: the client's side is one stream, so one request */
    OwnConnection(ProxyConnection connection, boolean singleUse) {
        this.connection = connection;
        this.singleUse = singleUse;
    }

    @Override
    public Future<Channel> open(Exchange exchange) {
        Promise<Channel> promise = connection.loop().newPromise();
        if (open != null && open.isActive()) {
            return promise.setSuccess(open);
        }
        connection.connectHttp1(exchange).addListener((io.netty.channel.ChannelFutureListener) connected -> {
            if (connected.isSuccess()) {
                open = connected.channel();
                promise.setSuccess(open);
            } else {
                promise.setFailure(connected.cause());
            }
        });
        return promise;
    }

    @Override
    public boolean singleUse() {
        return singleUse;
    }
}
