package io.terway.agent.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.terway.net.Ip;
import io.terway.node.http.Request;
import io.terway.node.http.RequestJudge;
import io.terway.node.http.Ruling;
import io.terway.node.policy.Flow;
import io.terway.node.policy.Transport;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** A connection that a client opened, with all that is under way on it. On its event loop. */
final class ProxyConnection {

    private final Channel client;
    private final Connector connector;
    private final Supplier<RequestJudge> judge;
    private final ProxyMetrics metrics;
    private final InetSocketAddress from;
    private final InetSocketAddress to;
    private final Flow flow;
    private final Set<Exchange> exchanges = new HashSet<>();

    ProxyConnection(Channel client, Connector connector, Supplier<RequestJudge> judge, ProxyMetrics metrics) {
        this.client = client;
        this.connector = connector;
        this.judge = judge;
        this.metrics = metrics;
        from = (InetSocketAddress) client.remoteAddress();
        to = (InetSocketAddress) client.localAddress();
        flow = new Flow(ip(from), ip(to), Transport.TCP.number(), to.getPort());
    }

    private static Ip ip(InetSocketAddress address) {
        return Ip.of(address.getAddress().getAddress());
    }

    Flow flow() {
        return flow;
    }

    ProxyMetrics metrics() {
        return metrics;
    }

    EventLoop loop() {
        return client.eventLoop();
    }

    Ruling judge() {
        return judge.get().connection(flow);
    }

    Ruling judge(Request request) {
        return judge.get().request(flow, request);
    }

    void refused(Ruling.Refused refused) {
        metrics.refused(flow, refused);
    }

    ChannelFuture connectHttp1(Exchange exchange) {
        return connector.http1(loop(), from, to, exchange);
    }

    ChannelFuture connectHttp2() {
        return connector.http2(loop(), from, to);
    }

    void began(Exchange exchange) {
        exchanges.add(exchange);
    }

    void finished(Exchange exchange) {
        exchanges.remove(exchange);
    }

    /** Policy changed: what is forbidden now ends. */
    void rejudge() {
        if (judge() instanceof Ruling.Refused) {
            close();
        } else {
            List.copyOf(exchanges).forEach(Exchange::rejudge);
        }
    }

    void close() {
        client.close();
    }
}
