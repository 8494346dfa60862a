package io.terway.eni.config;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.terway.eni.audit.AuditTrail;
import io.terway.eni.ecs.CloudEdge;
import io.terway.eni.ecs.CredentialChain;
import io.terway.eni.ecs.EcsClient;
import io.terway.eni.ecs.EcsCloud;
import io.terway.eni.ecs.EcsGroups;
import io.terway.eni.ecs.EcsRoutes;
import io.terway.eni.ecs.Pace;
import io.terway.eni.ecs.PacedCalls;
import io.terway.eni.ecs.PacedCloud;
import io.terway.eni.ecs.PacedGroups;
import io.terway.eni.ecs.PacedRoutes;
import io.terway.eni.k8s.Leader;
import io.terway.eni.k8s.LeaseLeader;
import io.terway.eni.k8s.SoleLeader;
import io.terway.eni.metrics.CloudMetrics;
import io.terway.eni.operation.CloudSide;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import org.eclipse.microprofile.config.ConfigProvider;

/** Puts the parts together. Nothing here decides anything. */
final class Parts {

    @Produces
    @Singleton
    CredentialChain credentials(EniManagerConfig config) {
        return CredentialChain.of(
                name -> ConfigProvider.getConfig().getOptionalValue(name, String.class),
                config.credentials().dir(),
                config.credentials().metadata());
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
        return new LeaseLeader(kubernetes.get(), config.namespace(), advertise);
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
    CloudSide cloudSide(
            EniManagerConfig config,
            CredentialChain credentials,
            CloudEdge edge,
            Leader leader,
            CloudMetrics metrics,
            AuditTrail audit) {
        Pace pace = new Pace(config.rateLimit(), System.nanoTime());
        EcsClient client = new EcsClient(config.ecs(), credentials);
        PacedCalls calls = new PacedCalls(edge, pace, leader, metrics, audit);
        CloudSide.Clouds clouds = new CloudSide.Clouds(
                new PacedCloud(new EcsCloud(client), calls),
                new PacedRoutes(new EcsRoutes(client), calls),
                new PacedGroups(new EcsGroups(client), calls));
        try {
            return new CloudSide(config, clouds, leader, metrics);
        } catch (UncheckedIOException unusable) {
            throw new ConfigurationException(unusable.getMessage());
        }
    }

    void close(@Disposes CloudSide cloudSide) {
        cloudSide.close();
    }
}
