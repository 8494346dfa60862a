package io.terway.agent.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.terway.agent.loop.News;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.node.http.RequestJudge;
import io.terway.node.http.Ruling;
import io.terway.node.policy.Flow;
import io.terway.node.policy.Judge;
import io.terway.node.policy.L7Marks;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PolicyProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Takes the connections that the kernel leads here. Where it does not listen, the kernel drops them: ports with HTTP rules
 * are closed without it, and no others. It begins to listen with the first HTTP rule of the node.
 */
public final class HttpProxy implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(HttpProxy.class);

    private static final int THREADS = 2;
    private static final int BACKLOG = 1024;
    private static final long LOOK_EVERY_SECONDS = 10;
    private static final List<String> LOOPBACKS = List.of("127.0.0.1", "::1");

    private final Path netns;
    private final ProxyLimits limits;
    private final ProxyMetrics metrics;
    private final Connections connections;
    private final Sockets sockets;
    private final Connector connector;
    private final List<Channel> listening = new ArrayList<>(); // guarded by this
    private final News failures = new News();
    private EventLoopGroup loops; // guarded by this
    private volatile RequestJudge judge = new RequestJudge(new Judge(NodePolicy.NONE));

    /**
     * @param netns whose packets it gets
     * @param refusals told of each request that policy refuses, on an event loop
     */
    public HttpProxy(Path netns, NodeName node, MeterRegistry registry, BiConsumer<Flow, Ruling.Refused> refusals) {
        this(netns, ProxyLimits.DEFAULT, new ProxyMetrics(registry, node, refusals));
    }

    HttpProxy(Path netns, ProxyLimits limits, ProxyMetrics metrics) {
        this.netns = netns;
        this.limits = limits;
        this.metrics = metrics;
        sockets = new Sockets(netns);
        connector = new Connector(sockets, limits);
        connections = new Connections(limits);
        metrics.connections(connections::size);
    }

    /** This is what the kernel is about to enforce: told before, so that no request is judged by what was in force. */
    public void follow(NodePolicy policy) {
        judge = new RequestJudge(new Judge(policy));
        if (policy.used().stream().anyMatch(PolicyProgram::hasHttp)) {
            listen();
        }
        connections.forEach(_ -> true, ProxyConnection::rejudge);
    }

    /** These addresses have no pod any more. */
    public void forget(Set<Ip> addresses) {
        Predicate<Flow> concerns = flow -> addresses.contains(flow.from()) || addresses.contains(flow.to());
        connections.forEach(concerns, ProxyConnection::close);
    }

    /** Listens if it does not yet, and goes on trying. */
    private synchronized void listen() {
        if (loops != null) {
            return;
        }
        if (!Epoll.isAvailable()) {
            if (failures.isNew("epoll")) {
                LOG.errorf(
                        "there is no HTTP proxy, so ports with HTTP rules stay closed: %s",
                        Epoll.unavailabilityCause().getMessage());
            }
            return;
        }
        loops = new EpollEventLoopGroup(THREADS, new DefaultThreadFactory("http-proxy", true));
        look();
        loops.next().scheduleWithFixedDelay(this::look, LOOK_EVERY_SECONDS, LOOK_EVERY_SECONDS, TimeUnit.SECONDS);
    }

    private synchronized void look() {
        listening.removeIf(channel -> !channel.isOpen());
        try {
            ProxyRoute.ensure(netns);
            for (String address : LOOPBACKS) {
                if (listening.stream().noneMatch(channel -> isAt(channel, address))) {
                    listening.add(bind(address));
                }
            }
        } catch (Exception e) {
            if (failures.isNew(String.valueOf(e.getMessage()))) {
                LOG.errorf(
                        "the HTTP proxy does not listen everywhere; what it does not get stays closed: %s",
                        e.getMessage());
            }
        }
    }

    private static boolean isAt(Channel channel, String address) {
        return channel.attr(Connections.LISTENS_AT).get().equals(address);
    }

    private Channel bind(String address) throws InterruptedException {
        Channel channel = new ServerBootstrap()
                .group(loops)
                .channelFactory(sockets::listening)
                .option(EpollChannelOption.IP_TRANSPARENT, true)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        accept(client);
                    }
                })
                .bind(address, L7Marks.PORT)
                .sync()
                .channel();
        channel.attr(Connections.LISTENS_AT).set(address);
        return channel;
    }

    private void accept(Channel client) {
        ProxyConnection connection = new ProxyConnection(client, connector, () -> judge, metrics);
        // Whoever calls the listener by its own address was not led here, and would be sent in a circle.
        boolean direct = connection.flow().port() == L7Marks.PORT;
        if (direct || !connections.admit(client, connection) || connection.judge() instanceof Ruling.Refused) {
            client.config().setOption(ChannelOption.SO_LINGER, 0);
            client.close();
        } else {
            ClientPipeline.begin(client, connection, limits);
        }
    }

    @Override
    public synchronized void close() {
        if (loops != null) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
