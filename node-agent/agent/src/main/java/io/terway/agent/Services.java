package io.terway.agent;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.terway.agent.config.AgentConfig;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** How this agent calls the services. */
record Services(AgentConfig config, Supplier<KubernetesClient> kubernetes) {

    private static final Logger LOG = Logger.getLogger(Services.class);

    /** The way to the ipam-service that leads. */
    LeaderChannel ipam() {
        return LeaderChannel.open(
                kubernetes.get(),
                new LeaderChannel.Settings(
                        config.namespace(),
                        "terway-ipam",
                        Optional.of(config.stateDir().resolve("terway-ipam.address")),
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
