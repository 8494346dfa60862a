package io.terway.link;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * Puts our token into each call. The kubelet renews the file before the token ends; it is read again every minute, and
 * every second while it cannot be read. Any thread.
 */
final class BearerToken implements ClientInterceptor {

    private static final Logger LOG = Logger.getLogger(BearerToken.class);
    private static final Duration READ_EVERY = Duration.ofMinutes(1);
    private static final Duration TRY_EVERY = Duration.ofSeconds(1);

    private final Path file;
    private final LongSupplier nanos;
    private String token = ""; // guarded by this
    private long readNext; // guarded by this

    BearerToken(Path file) {
        this(file, System::nanoTime);
    }

    /** @param nanos a monotonic clock */
    BearerToken(Path file, LongSupplier nanos) {
        this.file = file;
        this.nanos = nanos;
        readNext = nanos.getAsLong();
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<A> listener, Metadata headers) {
                token().ifPresent(t -> headers.put(CallerCheck.AUTHORIZATION, "Bearer " + t));
                super.start(listener, headers);
            }
        };
    }

    synchronized Optional<String> token() {
        long now = nanos.getAsLong();
        if (now - readNext >= 0) {
            readNext = now + TRY_EVERY.toNanos();
            try {
                token = Files.readString(file).strip();
                if (!token.isEmpty()) {
                    readNext = now + READ_EVERY.toNanos();
                }
            } catch (IOException e) {
                // The one read before may still be good; the server says if it is not.
                LOG.warnf("token file %s cannot be read: %s", file, e.getMessage());
            }
        }
        return Optional.of(token).filter(t -> !t.isEmpty());
    }
}
