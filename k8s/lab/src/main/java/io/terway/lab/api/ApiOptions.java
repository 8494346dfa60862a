package io.terway.lab.api;

import io.terway.lab.api.store.Store;
import io.terway.net.Cidr;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * How an API server runs.
 *
 * @param host the address to listen on, and the one written into the kubeconfig
 * @param port 0 for any free one
 * @param state the file that keeps the objects
 * @param services the range of cluster addresses
 * @param podGrace the longest a deleted pod that has a node stays marked before it is removed; zero removes it at once, as
 *     no kubelet confirms deletions here
 * @param history changes kept for watches that resume
 */
public record ApiOptions(String host, int port, Path state, Cidr services, Duration podGrace, int history) {

    public ApiOptions {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(state, "state");
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + " is not in 0..65535");
        }
        if (history < 1) {
            throw new IllegalArgumentException(
                    "a history of " + history + " changes cannot be watched; give 1 or more");
        }
    }

    /** The defaults for everything but the address and the file. */
    public static ApiOptions of(String host, int port, Path state) {
        return new ApiOptions(host, port, state, Cidr.parse("172.16.0.0/16"), Duration.ZERO, Store.HISTORY);
    }

    public ApiOptions withPodGrace(Duration grace) {
        return new ApiOptions(host, port, state, services, grace, history);
    }

    public ApiOptions withServices(Cidr range) {
        return new ApiOptions(host, port, state, range, podGrace, history);
    }

    public ApiOptions withHistory(int changes) {
        return new ApiOptions(host, port, state, services, podGrace, changes);
    }
}
