package io.terway.policy.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import java.util.Optional;

/** Settings of policy-service; an unknown {@code terway.*} key refuses to start. */
@ConfigMapping(prefix = "terway")
public interface PolicyConfig {

    /** Namespace of the Leases and events. */
    @WithDefault("kube-system")
    String namespace();

    /** host:port where agents reach this replica; none: this replica is not announced (tests). */
    Optional<String> advertise();

    /** Name of the cluster, for logs. */
    Optional<String> clusterId();

    /** Where a part may keep files; this one keeps none, but all parts share the key. */
    Optional<String> stateDir();

    /** Changes within this time are compiled together. */
    @WithDefault("20ms")
    Duration compileDelay();

    /** Agents one replica serves; more are RESOURCE_EXHAUSTED. */
    @WithDefault("5000")
    int maxSubscribers();
}
