package io.terway.eni.sim.ecs;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * A virtual machine at one moment.
 *
 * @param role its RAM role, empty when it has none
 * @param tokensRequired true when instance metadata answers only with a session token (hardened mode)
 */
public record Instance(
        InstanceId id,
        String name,
        InstanceType type,
        ZoneId zone,
        Status status,
        EniId primaryEni,
        String role,
        boolean tokensRequired,
        Map<String, String> tags,
        Instant created) {

    /** Whether the machine runs; ENIs can be attached and detached when it runs or is stopped. */
    public enum Status {
        PENDING("Pending"),
        STARTING("Starting"),
        RUNNING("Running"),
        STOPPING("Stopping"),
        STOPPED("Stopped");

        private final String wireName;

        Status(String wireName) {
            this.wireName = wireName;
        }

        public String wireName() {
            return wireName;
        }

        /** True when ENI operations are allowed. */
        public boolean settled() {
            return this == RUNNING || this == STOPPED;
        }
    }

    public Instance {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(zone, "zone");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(primaryEni, "primaryEni");
        Objects.requireNonNull(role, "role");
        tags = Map.copyOf(tags);
        Objects.requireNonNull(created, "created");
    }

    public Instance withStatus(Status newStatus) {
        return new Instance(id, name, type, zone, newStatus, primaryEni, role, tokensRequired, tags, created);
    }

    public Instance withTags(Map<String, String> newTags) {
        return new Instance(id, name, type, zone, status, primaryEni, role, tokensRequired, newTags, created);
    }
}
