package io.terway.policy.k8s;

import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Announces this replica to the agents: one Lease of its own, renewed while it lives, removed when it goes. */
public final class ReplicaLease implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ReplicaLease.class);
    private static final Duration RENEW_EVERY = Duration.ofSeconds(5);
    private static final int LEASE_SECONDS = 15;

    private final KubernetesClient client;
    private final String namespace;
    private final String advertise;
    private final String id = UUID.randomUUID().toString().substring(0, 8);
    private final Thread renewer;

    public ReplicaLease(KubernetesClient client, String namespace, String advertise) {
        this.client = client;
        this.namespace = namespace;
        this.advertise = advertise;
        renewer = Thread.ofVirtual().name("replica-lease").start(this::renew);
    }

    /** False when the Lease is renewed no more. */
    public boolean isAlive() {
        return renewer.isAlive();
    }

    @Override
    public void close() {
        renewer.interrupt();
        try {
            client.leases().inNamespace(namespace).withName(name()).delete();
        } catch (KubernetesClientException e) {
            LOG.infof("lease %s was not removed (%s); agents skip it when it expires", name(), e.getMessage());
        }
    }

    private void renew() {
        try {
            while (true) {
                write();
                Thread.sleep(RENEW_EVERY);
            }
        } catch (InterruptedException e) {
            LOG.debug("replica lease stopped");
        }
    }

    private void write() {
        try {
            client.leases()
                    .inNamespace(namespace)
                    .resource(new LeaseBuilder()
                            .withNewMetadata()
                            .withName(name())
                            .withNamespace(namespace)
                            .addToLabels("terway.io/service", "policy")
                            .endMetadata()
                            .withNewSpec()
                            .withHolderIdentity(advertise + "_" + id)
                            .withLeaseDurationSeconds(LEASE_SECONDS)
                            .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                            .endSpec()
                            .build())
                    .createOr(existing -> existing.update());
        } catch (KubernetesClientException e) {
            LOG.warnf("lease %s was not renewed: %s", name(), e.getMessage());
        }
    }

    private String name() {
        return "terway-policy-" + id;
    }
}
