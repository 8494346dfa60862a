package io.terway.eni;

import io.terway.net.Cidr;

/**
 * A custom route entry.
 *
 * @param id the cloud's, {@code rte-...}
 * @param nextHop an instance or ENI id
 * @param status "Available", "Pending", "Creating", "Deleting", ...
 * @param description carries our mark where we made it
 */
public record VpcRoute(String id, Cidr destination, String nextHop, String status, String description) {

    /** Entries a table holds unless the account has another quota. */
    public static final int QUOTA = 200;

    boolean available() {
        return status.equalsIgnoreCase("Available");
    }
}
