package io.terway.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.terway.agent.config.AgentConfig;
import io.terway.agent.node.NodeIdentity;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.net.Sharding;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** How this agent calls the services. */
record Services(AgentConfig config, Supplier<KubernetesClient> kubernetes) {

    private static final Logger LOG = Logger.getLogger(Services.class);

    /** The way to the leader of the ipam-service that serves this node: the only one, or the shard of its zone and name. */
    LeaderChannel ipam(NodeIdentity identity) {
        Sharding sharding = Sharding.parse(config.shards().orElse(""));
        String lease =
                sharding.lease(sharding.of(identity.zone(), identity.name().value()));
        return LeaderChannel.open(
                kubernetes.get(),
                new LeaderChannel.Settings(
                        config.namespace(),
                        lease,
                        "terway-ipam",
                        Optional.of(config.stateDir().resolve(lease + ".address")),
                        tls(),
                        config.token()));
    }

    /** What we show, and whom we trust. */
    Tls tls() {
        AgentConfig.Tls files = config.tls();
        Tls tls = Tls.of(files.certificate(), files.key(), files.authority());
        switch (tls) {
            case Tls.Plaintext _ -> LOG.warn("no terway.tls.certificate: the services are called without encryption");
            case Tls.Mutual _ -> {}
        }
        return tls;
    }
}
