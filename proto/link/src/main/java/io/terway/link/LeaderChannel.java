package io.terway.link;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * A gRPC channel to whoever leads a service. The address comes from the Lease and is cached on disk, so that a node
 * starts without the API server and without cluster DNS.
 *
 * <p>Callers ask {@link #current} for each call and {@link #refresh} after UNAVAILABLE or "not the leader". Any thread.
 */
public final class LeaderChannel implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(LeaderChannel.class);
    private static final Duration REFRESH_AT_MOST_EVERY = Duration.ofMillis(200);

    private final Settings settings;
    private final Supplier<Optional<Address>> leader;
    private final Optional<Tls.Mutual.Secured> ssl;
    private volatile Open open;
    private long refreshedAt = System.nanoTime() - REFRESH_AT_MOST_EVERY.toNanos(); // guarded by this

    private record Open(Address address, ManagedChannel channel) {}

    /**
     * @param namespace where the Lease is
     * @param leaseName its name
     * @param service the name in the server's certificate
     * @param cache file that remembers the address; empty: none
     * @param tls how the channel is secured
     * @param token file with our service account token, sent with each call; empty: none
     */
    public record Settings(
            String namespace, String leaseName, String service, Optional<Path> cache, Tls tls, Optional<Path> token) {

        /** A service with one Lease, which has its name. */
        public Settings(String namespace, String leaseName, Optional<Path> cache, Tls tls, Optional<Path> token) {
            this(namespace, leaseName, leaseName, cache, tls, token);
        }

        /** Without a token. */
        public Settings(String namespace, String leaseName, Optional<Path> cache, Tls tls) {
            this(namespace, leaseName, cache, tls, Optional.empty());
        }
    }

    /** A channel that follows the Lease; nothing is read before the first {@link #current}. */
    public static LeaderChannel open(KubernetesClient client, Settings settings) {
        var leases = new KubernetesLeases(client, settings.namespace(), settings.leaseName());
        return new LeaderChannel(settings, () -> leases.read().flatMap(lease -> Address.ofIdentity(lease.holder())));
    }

    /**
     * A channel to a fixed address where one is set, else to whoever holds the Lease.
     *
     * @param key the setting that holds the address, for the message
     * @param fixed host:port
     * @throws IllegalArgumentException when it is something else
     */
    public static LeaderChannel open(KubernetesClient client, String key, Optional<String> fixed, Settings settings) {
        if (fixed.isEmpty()) {
            return open(client, settings);
        }
        Address address = Address.ofIdentity(fixed.get())
                .orElseThrow(
                        () -> new IllegalArgumentException(key + " is '" + fixed.get() + "'; it must be host:port"));
        return to(address, settings);
    }

    /** A channel to one fixed address: tests, and services named by configuration. */
    public static LeaderChannel to(Address address, Settings settings) {
        return new LeaderChannel(settings, () -> Optional.of(address));
    }

    private LeaderChannel(Settings settings, Supplier<Optional<Address>> leader) {
        this.settings = settings;
        this.leader = leader;
        ssl = switch (settings.tls()) {
            case Tls.Plaintext _ -> Optional.empty();
            case Tls.Mutual mutual -> Optional.of(mutual.open());
        };
    }

    /** The channel to the leader last known; reads the Lease once when none is known. Empty: nobody leads. */
    public Optional<Channel> current() {
        Open now = open;
        if (now == null) {
            refresh();
            now = open;
        }
        return Optional.ofNullable(now).map(Open::channel);
    }

    /** Address behind {@link #current}. */
    public Optional<Address> address() {
        return Optional.ofNullable(open).map(Open::address);
    }

    /** Reads the Lease again, at most every 200 ms; keeps the old channel when the API server does not answer. */
    public synchronized void refresh() {
        long now = System.nanoTime();
        if (now - refreshedAt < REFRESH_AT_MOST_EVERY.toNanos()) {
            return;
        }
        refreshedAt = now;
        try {
            Optional<Address> found = leader.get();
            found.ifPresent(this::remember);
            found.ifPresent(this::connect);
        } catch (RuntimeException e) {
            LOG.debugf("lease %s cannot be read: %s", settings.leaseName(), e.getMessage());
            if (open == null) {
                recall().ifPresent(this::connect);
            }
        }
    }

    @Override
    public synchronized void close() {
        if (open != null) {
            open.channel.shutdownNow();
            open = null;
        }
        ssl.ifPresent(Tls.Mutual.Secured::close);
    }

    private void connect(Address address) {
        Open before = open;
        if (before != null && before.address.equals(address)) {
            return;
        }
        var builder = NettyChannelBuilder.forAddress(address.host(), address.port())
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .maxInboundMessageSize(16 << 20);
        if (ssl.isPresent()) {
            builder.sslContext(ssl.get().context()).overrideAuthority(settings.service());
        } else {
            builder.usePlaintext();
        }
        settings.token().ifPresent(file -> builder.intercept(new BearerToken(file)));
        open = new Open(address, builder.build());
        LOG.infof("%s is at %s", settings.leaseName(), address);
        if (before != null) {
            before.channel.shutdown();
        }
    }

    private void remember(Address address) {
        if (settings.cache().isEmpty() || (open != null && open.address.equals(address))) {
            return;
        }
        Path file = settings.cache().get();
        try {
            Path next = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(next, address + "\n");
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warnf("address of %s was not cached in %s: %s", settings.leaseName(), file, e.getMessage());
        }
    }

    private Optional<Address> recall() {
        if (settings.cache().isEmpty() || !Files.isReadable(settings.cache().get())) {
            return Optional.empty();
        }
        try {
            return Address.ofIdentity(Files.readString(settings.cache().get()).strip());
        } catch (IOException e) {
            LOG.warnf("cached address %s cannot be read: %s", settings.cache().get(), e.getMessage());
            return Optional.empty();
        }
    }
}
