package io.terway.agent.http;

import io.netty.channel.Channel;
import io.terway.net.Ip;
import io.terway.node.policy.Flow;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The open connections, no more of them than the limits say. Any thread. */
final class Connections {

    private final ProxyLimits limits;
    private final Map<Channel, ProxyConnection> open = new ConcurrentHashMap<>();
    private final Map<Ip, AtomicInteger> byClient = new ConcurrentHashMap<>();

    Connections(ProxyLimits limits) {
        this.limits = limits;
    }

    int size() {
        return open.size();
    }

    /** False when there is no room for it. */
    boolean admit(Channel channel, ProxyConnection connection) {
        Ip from = connection.flow().from();
        boolean[] room = {false};
        byClient.compute(from, (_, count) -> {
            AtomicInteger now = count == null ? new AtomicInteger() : count;
            room[0] = open.size() < limits.connections() && now.get() < limits.perClient();
            if (room[0]) {
                now.incrementAndGet();
            }
            return now.get() == 0 ? null : now;
        });
        if (room[0]) {
            open.put(channel, connection);
            channel.closeFuture().addListener(_ -> remove(channel, from));
        }
        return room[0];
    }

    private void remove(Channel channel, Ip from) {
        open.remove(channel);
        byClient.computeIfPresent(from, (_, count) -> count.decrementAndGet() == 0 ? null : count);
    }

    /** Does this on the event loop of each that is meant. */
    void forEach(Predicate<Flow> meant, Consumer<ProxyConnection> action) {
        for (ProxyConnection connection : Set.copyOf(open.values())) {
            if (meant.test(connection.flow())) {
                try {
                    connection.loop().execute(() -> action.accept(connection));
                } catch (RejectedExecutionException e) {
                    return; // the proxy ends, and all connections with it
                }
            }
        }
    }
}
