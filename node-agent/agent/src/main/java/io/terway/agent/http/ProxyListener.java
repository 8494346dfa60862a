package io.terway.agent.http;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.terway.agent.loop.News;
import io.terway.node.http.Ruling;
import io.terway.node.policy.L7Marks;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jboss.logging.Logger;

/** The proxy's sockets in one namespace: the node's, or that of a pod with the VPC's own link. */
final class ProxyListener {

    private static final Logger LOG = Logger.getLogger(ProxyListener.class);

    private static final int BACKLOG = 1024;
    private static final List<String> LOOPBACKS = List.of("127.0.0.1", "::1");

    private final Path netns;
    private final ProxyLimits limits;
    private final Connections connections;
    private final BiFunction<Channel, Connector, ProxyConnection> accepted;
    private final Sockets sockets;
    private final Connector connector;
    private final Map<String, Channel> listening = new LinkedHashMap<>(); // by address; guarded by this
    private final News failures = new News();
    private boolean closed; // guarded by this

    /** @param accepted makes what a client's channel becomes */
    ProxyListener(
            Path netns,
            ProxyLimits limits,
            Connections connections,
            BiFunction<Channel, Connector, ProxyConnection> accepted) {
        this.netns = netns;
        this.limits = limits;
        this.connections = connections;
        this.accepted = accepted;
        sockets = new Sockets(netns);
        connector = new Connector(sockets, limits);
    }

    /** Mends what is missing; what cannot be mended now stays closed. */
    synchronized void look(EventLoopGroup loops) {
        if (closed) {
            return;
        }
        listening.values().removeIf(channel -> !channel.isOpen());
        try {
            ProxyRoute.ensure(netns);
            for (String address : LOOPBACKS) {
                if (!listening.containsKey(address)) {
                    listening.put(address, bind(address, loops));
                }
            }
        } catch (Exception e) {
            if (failures.isNew(String.valueOf(e.getMessage()))) {
                LOG.errorf(
                        "the HTTP proxy does not listen everywhere in %s; what it does not get stays closed: %s",
                        netns, e.getMessage());
            }
        }
    }

    private Channel bind(String address, EventLoopGroup loops) throws InterruptedException {
        return new ServerBootstrap()
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
    }

    private void accept(Channel client) {
        ProxyConnection connection = accepted.apply(client, connector);
        // Whoever calls the listener by its own address was not led here, and would be sent in a circle.
        boolean direct = connection.flow().port() == L7Marks.PORT;
        if (direct || !connections.admit(client, connection) || connection.judge() instanceof Ruling.Refused) {
            client.config().setOption(ChannelOption.SO_LINGER, 0);
            client.close();
        } else {
            ClientPipeline.begin(client, connection, limits);
        }
    }

    /** Its sockets would keep the namespace alive. */
    synchronized void close() {
        closed = true;
        listening.values().forEach(Channel::close);
    }
}
