package io.terway.agent.policy;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.link.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Where the replicas of policy-service are: each announces itself by a Lease. The addresses are kept on disk, so that a
 * node finds them without the API server. One thread.
 */
final class Replicas {

    private static final Logger LOG = Logger.getLogger(Replicas.class);

    private static final String LABEL = "terway.io/service";
    private static final String SERVICE = "policy";

    /** Replicas that are tried; a cluster has a few. */
    private static final int MOST = 32;

    private final Supplier<KubernetesClient> kubernetes;
    private final String namespace;
    private final Path file;

    Replicas(Supplier<KubernetesClient> kubernetes, String namespace, Path file) {
        this.kubernetes = kubernetes;
        this.namespace = namespace;
        this.file = file;
    }

    /** Those known now in an order of chance, so that agents spread; the ones remembered when nobody can be asked. */
    List<Address> find() {
        List<Address> found = new ArrayList<>();
        try {
            for (Lease lease : kubernetes
                    .get()
                    .leases()
                    .inNamespace(namespace)
                    .withLabel(LABEL, SERVICE)
                    .list()
                    .getItems()) {
                Optional.ofNullable(lease.getSpec().getHolderIdentity())
                        .flatMap(Address::ofIdentity)
                        .ifPresent(found::add);
            }
            remember(found);
        } catch (KubernetesClientException e) {
            LOG.debugf("Leases of policy-service cannot be listed: %s", e.getMessage());
            found.addAll(recall());
        }
        Collections.shuffle(found);
        return found.stream().distinct().limit(MOST).toList();
    }

    private void remember(List<Address> found) {
        if (found.isEmpty()) {
            return;
        }
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(next, found.stream().map(Address::toString).sorted().toList());
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warnf("addresses of policy-service were not kept in %s: %s", file, e.getMessage());
        }
    }

    private List<Address> recall() {
        if (!Files.isReadable(file)) {
            return List.of();
        }
        try {
            return Files.readAllLines(file).stream()
                    .map(Address::ofIdentity)
                    .flatMap(Optional::stream)
                    .toList();
        } catch (IOException e) {
            LOG.warnf("kept addresses of policy-service %s cannot be read: %s", file, e.getMessage());
            return List.of();
        }
    }
}
