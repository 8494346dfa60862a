package io.terway.ipam.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** Everything that can be set, read once at start. An unknown {@code terway.} key refuses to start. */
@ConfigMapping(prefix = "terway")
public interface IpamConfig {

    /** Name of the cluster, for people. */
    Optional<String> clusterId();

    /** Where the Leases and the eni-config ConfigMap are. */
    @WithDefault("kube-system")
    String namespace();

    /** host:port by which agents reach us; needed for leader election. */
    Optional<String> advertise();

    /** Holds the audit files and the address of eni-manager last seen. */
    @WithDefault("/var/lib/terway-ipam")
    Path stateDir();

    /** False: a single run without a Lease, always leading term 1. */
    @WithDefault("true")
    boolean leaderElection();

    /** host:port of eni-manager; absent: whoever holds its Lease. */
    Optional<String> eniManager();

    /** Shards that divide the nodes, as {@link io.terway.net.Sharding#parse} reads them; agents are given the same. Empty: one. */
    Optional<String> shards();

    /** Which of them this process is. */
    @WithDefault("0")
    int shard();

    /** Most sessions of agents served at the same time. */
    @WithDefault("10000")
    int maxSessions();

    /** Our service account token for audience "terway", sent with each call; absent: none is sent. */
    Optional<Path> token();

    Listen listen();

    Tls tls();

    Callers callers();

    /** Where agents are served. */
    interface Listen {

        @WithDefault("0.0.0.0")
        String host();

        @WithDefault("7601")
        int port();
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

        /** Review each caller's token at the API server; absent: with leader election, that is outside single runs. */
        Optional<Boolean> verify();

        /** Unary calls of one caller that wait for their answer, at most: twice the pods of the largest node. */
        @WithDefault("512")
        int mostCalls();
    }

    Fixed fixed();

    /** Fixed addresses. */
    interface Fixed {

        /** Kept at the same time, at most; a further pod's first address is refused. */
        @WithDefault("10000")
        int most();

        /** Released at most once their time is over. */
        @WithDefault("60")
        int releasesPerMinute();

        /** How long one is kept once nobody wants its pod: Never, or a number of seconds or of s, m, h, d. */
        @WithDefault("7d")
        String retention();
    }

    Webhook webhook();

    /** The admission webhook that keeps a pod in the zone of its fixed address. */
    interface Webhook {

        /** Its port, TLS in profile mtls; absent: not served. */
        Optional<Integer> port();

        /** The address it is served on. */
        @WithDefault("0.0.0.0")
        String host();
    }

    Audit audit();

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
