package io.terway.agent.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.terway.agent.flow.FlowLimits;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** What the agent must be told from outside; the rest comes from ipam-service (NodeConfig). */
@ConfigMapping(prefix = "terway")
public interface AgentConfig {

    /** Kubernetes node name this agent serves. */
    String nodeName();

    /** Name of the cluster, for messages. */
    @WithDefault("default")
    String clusterId();

    /** Namespace of the Leases and of our ConfigMap. */
    @WithDefault("kube-system")
    String namespace();

    /** Shards of ipam-service, as {@link io.terway.net.Sharding#parse} reads them and as they are given the same. Empty: one. */
    Optional<String> shards();

    /** Address others reach us at; agents are not called, so it only shows in messages. */
    Optional<String> advertise();

    /** Ledger, spool and caches; survives reboots. */
    @WithDefault("/var/lib/terway")
    Path stateDir();

    /** Holds cni.sock. */
    @WithDefault("/var/run/terway")
    Path runDir();

    /** Base address of instance metadata. */
    @WithDefault("http://100.100.100.200")
    URI metadata();

    Cni cni();

    /** Our service account token for audience "terway", sent with each call; absent: none is sent. */
    Optional<Path> token();

    Tls tls();

    /** False: no connection skips the host's stack, whatever eni-config says and the kernel can (tcx). */
    @WithDefault("true")
    boolean acceleration();

    /** True: denied connections also go to policy-service, for its audit channel. */
    @WithDefault("false")
    boolean auditDenials();

    FlowLog flowLog();

    /** Accepted connections of this node's pods, in files of the state directory. */
    interface FlowLog {

        /** Of so many connections one is written, chosen at random; 0: none, and the kernel is not asked. */
        @WithDefault("0")
        int oneIn();

        /** Lines in a second at most. */
        @WithDefault("100")
        int perSecond();

        /** A file is closed when it has grown beyond this many bytes. */
        @WithDefault("16777216")
        long maxFileBytes();

        /** Closed files kept. */
        @WithDefault("4")
        int maxFiles();

        /** Checked; empty: no log. */
        default Optional<FlowLimits> limits() {
            return oneIn() == 0
                    ? Optional.empty()
                    : Optional.of(new FlowLimits(oneIn(), perSecond(), maxFileBytes(), maxFiles()));
        }
    }

    /** Where the runtime looks; empty: nothing is installed. */
    interface Cni {

        /** Gets the plugin. */
        Optional<Path> binDir();

        /** Gets 10-terway.conflist. */
        Optional<Path> confDir();
    }

    /** Mutual TLS towards the services; all three or none. */
    interface Tls {

        /** Our certificate chain, PEM. */
        Optional<Path> certificate();

        /** Its private key, PEM. */
        Optional<Path> key();

        /** The certificates we trust, PEM. */
        Optional<Path> authority();
    }
}
