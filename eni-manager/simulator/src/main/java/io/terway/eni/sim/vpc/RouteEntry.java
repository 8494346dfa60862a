package io.terway.eni.sim.vpc;

import io.terway.net.Cidr;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * One entry of a route table.
 *
 * @param system true for the entries the cloud keeps (one per vSwitch, and 100.64.0.0/10)
 * @param nextHops empty for system entries; several mean equal cost
 * @param due when a pending change ends; ignored while {@link Status#AVAILABLE}
 */
public record RouteEntry(
        RouteEntryId id,
        RouteTableId table,
        Cidr destination,
        String name,
        String description,
        boolean system,
        List<NextHop> nextHops,
        Status status,
        Instant due) {

    /** Where the entry is in its life. Packets follow it from {@code AVAILABLE} until it is deleted. */
    public enum Status {
        PENDING("Pending"),
        AVAILABLE("Available"),
        DELETING("Deleting");

        private final String wireName;

        Status(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }
    }

    /**
     * @param type {@code Instance}, {@code NetworkInterface}, ... as the API spells it
     * @param id of the instance or ENI
     * @param weight 0 to 255
     */
    public record NextHop(String type, String id, int weight) {}

    public RouteEntry {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(table, "table");
        Objects.requireNonNull(destination, "destination");
        nextHops = List.copyOf(nextHops);
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(due, "due");
    }

    public RouteEntry withStatus(Status newStatus, Instant newDue) {
        return new RouteEntry(id, table, destination, name, description, system, nextHops, newStatus, newDue);
    }
}
