package io.terway.link;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/** One Lease of the API server. The times it writes are for people and for other electors; ours never reads them. */
final class KubernetesLeases implements LeaseStore {

    private final KubernetesClient client;
    private final String namespace;
    private final String name;

    KubernetesLeases(KubernetesClient client, String namespace, String name) {
        this.client = client;
        this.namespace = namespace;
        this.name = name;
    }

    @Override
    public Optional<LeaseRecord> read() {
        return Optional.ofNullable(resource().get()).map(KubernetesLeases::record);
    }

    @Override
    public Optional<LeaseRecord> write(LeaseRecord next) {
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        Lease lease = new LeaseBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .withResourceVersion(next.version().isEmpty() ? null : next.version())
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(next.holder())
                .withLeaseDurationSeconds((int) next.duration().toSeconds())
                .withLeaseTransitions(Math.toIntExact(next.term()))
                .withAcquireTime(now)
                .withRenewTime(now)
                .endSpec()
                .build();
        try {
            var request = client.leases().inNamespace(namespace).resource(lease);
            return Optional.of(record(next.version().isEmpty() ? request.create() : request.update()));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT || e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Resource<Lease> resource() {
        return client.leases().inNamespace(namespace).withName(name);
    }

    private static LeaseRecord record(Lease lease) {
        var spec = lease.getSpec();
        Integer seconds = spec == null ? null : spec.getLeaseDurationSeconds();
        Integer transitions = spec == null ? null : spec.getLeaseTransitions();
        String holder = spec == null ? null : spec.getHolderIdentity();
        return new LeaseRecord(
                lease.getMetadata().getResourceVersion(),
                holder == null ? "" : holder,
                transitions == null ? 0 : transitions,
                Duration.ofSeconds(seconds == null ? 1 : seconds));
    }
}
