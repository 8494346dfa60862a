package io.terway.agent.http;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.terway.agent.loop.LoopGuard;
import io.terway.agent.loop.News;
import io.terway.link.Notice;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.node.http.RequestJudge;
import io.terway.node.http.Ruling;
import io.terway.node.ledger.Binding;
import io.terway.node.policy.Flow;
import io.terway.node.policy.Judge;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.RequestPorts;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Takes the connections that the kernel leads here. Where it does not listen, the kernel drops them: ports with HTTP rules
 * are closed without it, and no others. It begins to listen with the first HTTP rule.
 */
public final class HttpProxy implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(HttpProxy.class);

    private static final int THREADS = 2;
    private static final long LOOK_EVERY_SECONDS = 5;

    private final Path node;
    private final ProxyLimits limits;
    private final ProxyMetrics metrics;
    private final Connections connections;
    private final Map<Path, ProxyListener> listeners = new ConcurrentHashMap<>();
    private final News failures = new News();
    private final Redirects redirects;
    private EventLoopGroup loops; // guarded by this
    private volatile RequestJudge judge = new RequestJudge(new Judge(NodePolicy.NONE));

    /**
     * @param netns the node's namespace
     * @param refusals told of each request that policy refuses, on an event loop
     * @param notices gets what Kubernetes should know; must not block
     */
    public HttpProxy(
            Path netns,
            NodeName node,
            MeterRegistry registry,
            BiConsumer<Flow, Ruling.Refused> refusals,
            Consumer<Notice> notices) {
        this.node = netns;
        redirects = new Redirects(notices);
        limits = ProxyLimits.DEFAULT;
        metrics = new ProxyMetrics(registry, node, refusals);
        connections = new Connections(limits);
        metrics.connections(connections::size);
    }

    /**
     * This is what the kernel is about to enforce: told before, so that no request is judged by what was in force.
     *
     * @param asked pods whose requests decide, and on which ports
     */
    public void follow(NodePolicy policy, Map<Binding, RequestPorts> asked) {
        judge = new RequestJudge(new Judge(policy), redirects::closes);
        redirects.follow(asked);
        if (policy.hasHttp()) {
            listen(node);
        }
        connections.forEach(_ -> true, ProxyConnection::rejudge);
    }

    /** The same inside of a pod. */
    public void follow(Path pod, NodePolicy policy) {
        if (policy.hasHttp()) {
            listen(pod);
        }
    }

    /** This pod ends. */
    public void leave(Path pod) {
        ProxyListener listener = listeners.remove(pod);
        if (listener != null) {
            listener.close();
        }
    }

    /** These addresses have no pod any more. */
    public void forget(Set<Ip> addresses) {
        Predicate<Flow> concerns = flow -> addresses.contains(flow.from()) || addresses.contains(flow.to());
        connections.forEach(concerns, ProxyConnection::close);
    }

    private void listen(Path netns) {
        if (listeners.containsKey(netns) || !start()) {
            return;
        }
        ProxyListener listener = new ProxyListener(
                netns,
                limits,
                connections,
                (client, connector) -> new ProxyConnection(client, connector, () -> judge, metrics));
        listeners.put(netns, listener);
        look(listener);
    }

    /** False when there can be no proxy. */
    private synchronized boolean start() {
        if (loops != null) {
            return true;
        }
        if (!Epoll.isAvailable()) {
            if (failures.isNew("epoll")) {
                LOG.errorf(
                        "there is no HTTP proxy, so ports with HTTP rules stay closed: %s",
                        Epoll.unavailabilityCause().getMessage());
            }
            return false;
        }
        loops = new EpollEventLoopGroup(THREADS, new DefaultThreadFactory("http-proxy", true));
        Thread.ofPlatform().daemon().name("http-proxy-look").start(this::lookAgain);
        return true;
    }

    private void lookAgain() {
        LoopGuard guard = new LoopGuard("looking after the HTTP proxy");
        try {
            while (!isEnding()) {
                guard.turn(() -> {
                    listeners.values().forEach(this::look);
                    if (redirects.look()) {
                        connections.forEach(_ -> true, ProxyConnection::rejudge);
                    }
                });
                TimeUnit.SECONDS.sleep(LOOK_EVERY_SECONDS);
            }
        } catch (InterruptedException e) {
            LOG.debug("nobody looks after the HTTP proxy any more");
        }
    }

    private void look(ProxyListener listener) {
        if (!isEnding()) {
            listener.look(loops);
        }
    }

    private synchronized boolean isEnding() {
        return loops.isShuttingDown();
    }

    @Override
    public synchronized void close() {
        listeners.values().forEach(ProxyListener::close);
        if (loops != null) {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
