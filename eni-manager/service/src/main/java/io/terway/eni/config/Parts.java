package io.terway.eni.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.terway.eni.ClusterTags;
import io.terway.eni.ElectionTimes;
import io.terway.eni.audit.AuditTrail;
import io.terway.eni.ecs.CloudEdge;
import io.terway.eni.ecs.CredentialChain;
import io.terway.eni.ecs.EcsClient;
import io.terway.eni.ecs.EcsCloud;
import io.terway.eni.ecs.EcsGroups;
import io.terway.eni.ecs.EcsRoutes;
import io.terway.eni.ecs.OidcRole;
import io.terway.eni.ecs.Pace;
import io.terway.eni.ecs.PacedCalls;
import io.terway.eni.ecs.PacedCloud;
import io.terway.eni.ecs.PacedGroups;
import io.terway.eni.ecs.PacedRoutes;
import io.terway.eni.ecs.RamRole;
import io.terway.eni.k8s.ConfigWatch;
import io.terway.eni.k8s.Leader;
import io.terway.eni.k8s.LeaseLeader;
import io.terway.eni.k8s.SoleLeader;
import io.terway.eni.metrics.CloudMetrics;
import io.terway.eni.operation.CloudSide;
import io.terway.eni.state.ConfigMapState;
import io.terway.eni.state.FileState;
import io.terway.eni.state.StateStore;
import io.terway.eni.time.MachineTime;
import io.terway.eni.time.Time;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

/** Puts the parts together. Nothing here decides anything. */
final class Parts {

    private static final Logger LOG = Logger.getLogger(Parts.class);

    @Produces
    @Singleton
    LiveConfig liveConfig(EniManagerConfig config) {
        return new LiveConfig(config);
    }

    @Produces
    @Singleton
    CredentialChain credentials(EniManagerConfig config, LiveConfig live) {
        Function<String, Optional<String>> environment =
                name -> ConfigProvider.getConfig().getOptionalValue(name, String.class);
        URI sts = config.credentials()
                .sts()
                .orElse(URI.create("https://sts." + config.ecs().region() + ".aliyuncs.com/"));
        return new CredentialChain(new CredentialChain.Sources(
                live::accessKey,
                live::credentialPath,
                environment,
                List.of(config.credentials().dir(), config.credentials().addonDir()),
                new OidcRole(environment, sts),
                new RamRole(config.credentials().metadata())));
    }

    /** The Kubernetes client is touched only when there is an election. */
    @Produces
    @Singleton
    Leader leader(EniManagerConfig config, Instance<KubernetesClient> kubernetes) {
        if (!config.leaderElection()) {
            return new SoleLeader();
        }
        String advertise = config.advertise()
                .orElseThrow(() -> new ConfigurationException(
                        "terway.advertise is missing: give the host:port by which ipam-service reaches this process, or "
                                + "set terway.leader-election=false for a single run"));
        return new LeaseLeader(
                kubernetes.get(), config.namespace(), advertise, electionTimes(kubernetes.get(), config.namespace()));
    }

    /** ha_config is read once, at start: replicas of different lease times would still be safe, but nobody could tell. */
    private static ElectionTimes electionTimes(KubernetesClient client, String namespace) {
        try {
            ConfigMap map = client.configMaps()
                    .inNamespace(namespace)
                    .withName(ConfigWatch.NAME)
                    .get();
            return map == null || map.getData() == null
                    ? ElectionTimes.DEFAULTS
                    : ElectionTimes.read(LiveConfig.eniConf(map.getData()));
        } catch (IllegalArgumentException | JsonProcessingException | KubernetesClientException e) {
            LOG.errorf("ha_config is not used, leaders are elected with the defaults: %s", e.getMessage());
            return ElectionTimes.DEFAULTS;
        }
    }

    void close(@Disposes Leader leader) {
        leader.close();
    }

    @Produces
    @Singleton
    CloudMetrics metrics(MeterRegistry registry) {
        return new CloudMetrics(registry);
    }

    @Produces
    @Singleton
    StateStore state(EniManagerConfig config, Instance<KubernetesClient> kubernetes) {
        try {
            return config.leaderElection()
                    ? new ConfigMapState(kubernetes.get(), config.namespace())
                    : new FileState(config.stateDir());
        } catch (UncheckedIOException unusable) {
            throw new ConfigurationException(unusable.getMessage());
        }
    }

    @Produces
    @Singleton
    CloudSide cloudSide(
            EniManagerConfig config,
            LiveConfig live,
            CredentialChain credentials,
            CloudEdge edge,
            Leader leader,
            StateStore state,
            CloudMetrics metrics,
            AuditTrail audit) {
        Time time = new MachineTime();
        EcsClient client = new EcsClient(config.ecs(), credentials);
        PacedCalls calls = new PacedCalls(edge, new Pace(live), leader, metrics, audit, time);
        CloudSide.Clouds clouds = new CloudSide.Clouds(
                new PacedCloud(new EcsCloud(client), calls),
                new PacedRoutes(new EcsRoutes(client), calls),
                new PacedGroups(new EcsGroups(client), calls));
        ClusterTags tags = new ClusterTags(config.clusterId());
        return new CloudSide(clouds, new CloudSide.Ground(tags, live, state, leader, metrics, time));
    }

    void close(@Disposes CloudSide cloudSide) {
        cloudSide.close();
    }
}
