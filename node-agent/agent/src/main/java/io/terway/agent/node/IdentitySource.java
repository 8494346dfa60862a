package io.terway.agent.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Finds out who this node is: instance metadata and the Node object, with a copy on disk for the day when they are down.
 * The copy counts only for the same boot: an image of this disk may start elsewhere.
 */
public final class IdentitySource {

    private static final Logger LOG = Logger.getLogger(IdentitySource.class);

    private static final Duration RETRY = Duration.ofSeconds(1);

    private final NodeName name;
    private final String bootId;
    private final InstanceMetadata metadata;
    private final Supplier<KubernetesClient> kubernetes;
    private final Path copy;
    private volatile NodeIdentity known;

    public IdentitySource(
            NodeName name, String bootId, InstanceMetadata metadata, Supplier<KubernetesClient> kubernetes, Path copy) {
        this.name = name;
        this.bootId = bootId;
        this.metadata = metadata;
        this.kubernetes = kubernetes;
        this.copy = copy;
    }

    /** What is known by now; null before {@link #await} succeeded once. */
    public NodeIdentity knownOrNull() {
        return known;
    }

    /** Asks until it is known; returns null only when the thread is interrupted. */
    public NodeIdentity await() {
        while (known == null && !Thread.currentThread().isInterrupted()) {
            try {
                known = recall();
                if (known == null) {
                    known = ask();
                    remember(known);
                }
            } catch (IOException | KubernetesClientException | IllegalArgumentException e) {
                LOG.warnf("this node's identity is not known yet: %s", e.getMessage());
                LockSupport.parkNanos(RETRY.toNanos());
            }
        }
        return known;
    }

    private NodeIdentity ask() throws IOException {
        List<Ip> addresses = new ArrayList<>();
        addresses.add(Ip.parse(metadata.get("private-ipv4")));
        metadata.find("network/interfaces/macs/" + metadata.get("mac") + "/ipv6s").stream()
                .flatMap(list ->
                        Arrays.stream(list.replaceAll("[\\[\\]\"\\s]", "").split(",")))
                .filter(text -> !text.isEmpty())
                .limit(1)
                .map(Ip::parse)
                .forEach(addresses::add);
        return new NodeIdentity(
                name,
                nodeUid(),
                new InstanceId(metadata.get("instance-id")),
                new InstanceType(metadata.get("instance/instance-type")),
                new ZoneId(metadata.get("zone-id")),
                metadata.get("region-id"),
                addresses);
    }

    private String nodeUid() throws IOException {
        Node node = kubernetes.get().nodes().withName(name.value()).get();
        if (node == null) {
            throw new IOException("node " + name + " does not exist in the API server; is terway.node-name right?");
        }
        return node.getMetadata().getUid();
    }

    private NodeIdentity recall() throws IOException {
        if (!Files.exists(copy)) {
            return null;
        }
        Properties p = new Properties();
        try (Reader in = Files.newBufferedReader(copy)) {
            p.load(in);
        }
        if (!bootId.equals(p.getProperty("boot")) || !name.value().equals(p.getProperty("name"))) {
            return null;
        }
        return new NodeIdentity(
                name,
                p.getProperty("uid", ""),
                new InstanceId(p.getProperty("instance")),
                new InstanceType(p.getProperty("type")),
                new ZoneId(p.getProperty("zone")),
                p.getProperty("region", ""),
                Arrays.stream(p.getProperty("addresses", "").split(","))
                        .map(Ip::parse)
                        .toList());
    }

    private void remember(NodeIdentity identity) {
        Properties p = new Properties();
        p.setProperty("boot", bootId);
        p.setProperty("name", name.value());
        p.setProperty("uid", identity.uid());
        p.setProperty("instance", identity.instance().value());
        p.setProperty("type", identity.type().value());
        p.setProperty("zone", identity.zone().value());
        p.setProperty("region", identity.region());
        p.setProperty(
                "addresses",
                String.join(",", identity.addresses().stream().map(Ip::toString).toList()));
        Path next = copy.resolveSibling(copy.getFileName() + ".new");
        try {
            try (Writer out = Files.newBufferedWriter(next)) {
                p.store(out, null);
            }
            Files.move(next, copy, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warnf("this node's identity is not kept in %s: %s", copy, e.getMessage());
        }
    }
}
