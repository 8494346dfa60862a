package io.terway.policy.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
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

    /** Our service account token for audience "terway", sent with each call; absent: none is sent. */
    Optional<Path> token();

    Tls tls();

    Callers callers();

    Audit audit();

    /** The audit files: denied connections that agents report. */
    interface Audit {

        /** A file is closed when it has grown beyond this many bytes. */
        @WithDefault("16777216")
        long maxFileBytes();

        /** Closed files kept. */
        @WithDefault("8")
        int maxFiles();

        /** Days a line is kept, room permitting. */
        @WithDefault("180")
        int retentionDays();
    }

    /** Files of mutual TLS, both as server (profile mtls) and as client; all three or none. */
    interface Tls {

        /** Our certificate chain, PEM. */
        Optional<Path> certificate();

        /** Its private key, PEM, PKCS#8. */
        Optional<Path> key();

        /** The certificates we trust, PEM. */
        Optional<Path> authority();
    }

    /** Who may call us. */
    interface Callers {

        /** Review each caller's token at the API server; absent: when this replica is announced. */
        Optional<Boolean> verify();
    }

    /** host:port of eni-manager; none: the one its Lease names. */
    Optional<String> eniManager();

    /** Rules that a security group may hold, those of others counted. */
    @WithDefault("200")
    int groupRules();

    /** Changes within this time are compiled together. */
    @WithDefault("20ms")
    Duration compileDelay();

    /** Agents one replica serves; more are RESOURCE_EXHAUSTED. */
    @WithDefault("5000")
    int maxSubscribers();
}
