package io.terway.eni.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Everything that can be set, read once at start. An unknown {@code terway.} key refuses to start. */
@ConfigMapping(prefix = "terway")
public interface EniManagerConfig {

    /** Marks our ENIs; never change it on a living cluster. */
    String clusterId();

    /** Where the Lease is. */
    @WithDefault("kube-system")
    String namespace();

    /** host:port by which ipam-service reaches us; needed for leader election. */
    Optional<String> advertise();

    /** Holds the operation journal and the audit files. */
    @WithDefault("/var/lib/terway-eni")
    Path stateDir();

    /** False: a single run without Kubernetes, always leading. */
    @WithDefault("true")
    boolean leaderElection();

    /** Pause between two listings of all our ENIs. */
    @WithDefault("30s")
    Duration watchInterval();

    /** Our service account token for audience "terway"; not used yet, we call no part of ours. */
    Optional<Path> token();

    Tls tls();

    Callers callers();

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

        /** Review each caller's token at the API server; absent: with leader election, that is outside single runs. */
        Optional<Boolean> verify();
    }

    Ecs ecs();

    RateLimit rateLimit();

    Batch batch();

    Cache cache();

    Credentials credentials();

    Audit audit();

    /** The cloud API. */
    interface Ecs {
        /** host:port of both ECS and VPC; absent for the real cloud's own. */
        Optional<String> endpoint();

        @WithDefault("https")
        Protocol protocol();

        String region();
    }

    /** How the cloud is spoken to. */
    enum Protocol {
        HTTP,
        HTTPS
    }

    /** Calls per second at most; lowered by throttling, never raised above. 0: the action's own default. */
    interface RateLimit {
        @WithDefault("0")
        double eniCreateQps();

        @WithDefault("0")
        double eniDeleteQps();

        @WithDefault("0")
        double ipAssignQps();

        @WithDefault("0")
        double ipUnassignQps();

        @WithDefault("20")
        int burstSize();
    }

    /** Joining of assigns for one ENI. */
    interface Batch {
        @WithDefault("100ms")
        Duration interval();
    }

    /** How long what the cloud said is believed. */
    interface Cache {
        /** Instances and their types. */
        @WithDefault("300s")
        Duration eniTtl();

        /** vSwitches. */
        @WithDefault("600s")
        Duration vpcTtl();
    }

    /** Where credentials may come from, beside the environment. */
    interface Credentials {
        /** A mounted secret with the files access-key-id and access-key-secret. */
        @WithDefault("/etc/terway/credentials")
        Path dir();

        /** Where the existing Terway's add-on mounts its secret, with the same two files. */
        @WithDefault("/var/alibaba-addon-secret")
        Path addonDir();

        /** Where STS exchanges the service account's token; absent for the region's own. */
        Optional<URI> sts();

        /** Instance metadata, for the RAM role. */
        @WithDefault("http://100.100.100.200")
        URI metadata();
    }

    /** The audit files. */
    interface Audit {
        /** A file is closed when it has grown beyond this many bytes. */
        @WithDefault("16777216")
        long maxFileBytes();

        /** Closed files kept. */
        @WithDefault("8")
        int maxFiles();

        /** Closed files older than this are deleted, also while there is room for them. */
        @WithDefault("180")
        int retentionDays();
    }
}
