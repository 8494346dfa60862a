package io.terway.lab.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodIP;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.terway.lab.Refusal;
import io.terway.lab.cluster.Kube;
import io.terway.lab.cluster.LabNode;
import io.terway.lab.cluster.Layout;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Kubelet and container runtime in one: pods of the lab by name. Operations on different pods run at the same time; of
 * two on one pod the second is refused.
 */
public final class PodRuntime {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Kube kube;
    private final Layout layout;
    private final Map<PodRef, Running> pods = new ConcurrentHashMap<>();
    private final Map<PodRef, Boolean> busy = new ConcurrentHashMap<>();

    /** A pod whose ADD was answered. */
    public record Running(PodSpec spec, Sandbox sandbox, JsonNode result, List<Ip> ips) {}

    public PodRuntime(Kube kube, Layout layout) {
        this.kube = kube;
        this.layout = layout;
    }

    /**
     * Creates the pod object (or takes an existing one that no sandbox has yet), a namespace, and runs ADD. When ADD
     * is refused nothing of it stays: DEL runs, as a runtime does, and the namespace and the object go.
     */
    public ObjectNode add(PodSpec spec, LabNode node) {
        return exclusively(spec.ref(), () -> {
            if (pods.containsKey(spec.ref())) {
                throw new Refusal("pod " + spec.ref() + " exists already, on "
                        + pods.get(spec.ref()).spec().node());
            }
            CniChain chain = CniChain.first(layout.node(node.name()).cniConf());
            kube.ensureNamespace(spec.ref().namespace());
            Pod object = object(spec);
            Sandbox sandbox = new Sandbox(spec, object.getMetadata().getUid(), newId(), node, layout.node(node.name()));
            Sandbox.Added added = start(sandbox, chain);
            pods.put(spec.ref(), new Running(spec, sandbox, added.result(), added.ips()));
            report(spec.ref(), node, object.getSpec().getContainers(), added.ips());
            return Sandbox.json(added);
        });
    }

    /** Runs CHECK; a difference is a {@link Refusal} with the plugin's words. */
    public ObjectNode check(PodRef ref) {
        return exclusively(ref, () -> {
            Running pod = running(ref);
            Duration wall = pod.sandbox.check(chain(pod), pod.result);
            return JSON.createObjectNode().put("ok", true).put("millis", Sandbox.millis(wall));
        });
    }

    /** Runs DEL, removes the namespace and the object. */
    public ObjectNode delete(PodRef ref) {
        return exclusively(ref, () -> {
            Running pod = running(ref);
            Duration wall = pod.sandbox.delete(chain(pod), pod.result);
            pod.sandbox.remove();
            pods.remove(ref);
            deleteObject(ref);
            return JSON.createObjectNode().put("millis", Sandbox.millis(wall));
        });
    }

    /** The pod's network namespace. */
    public Path netns(PodRef ref) {
        return running(ref).sandbox.netns();
    }

    /** All pods, ordered by name. */
    public Collection<Running> all() {
        return pods.values().stream()
                .sorted(Comparator.comparing(pod -> pod.spec.ref()))
                .toList();
    }

    private Sandbox.Added start(Sandbox sandbox, CniChain chain) {
        boolean answered = false;
        try {
            sandbox.create();
            Sandbox.Added added = sandbox.add(chain);
            answered = true;
            return added;
        } finally {
            if (!answered) {
                abandon(sandbox, chain);
            }
        }
    }

    /** The refusal of ADD is what the caller must see, so a refusal of this DEL is dropped. */
    private void abandon(Sandbox sandbox, CniChain chain) {
        try {
            sandbox.delete(chain, JSON.missingNode());
        } catch (Refusal refusal) {
            // The agent sweeps what it could not undo.
        }
        sandbox.remove();
        deleteObject(sandbox.pod().ref());
    }

    private Pod object(PodSpec spec) {
        Pod found = kube.client()
                .pods()
                .inNamespace(spec.ref().namespace())
                .withName(spec.ref().name())
                .get();
        if (found != null) {
            String node = found.getSpec().getNodeName();
            if (node != null && !node.isEmpty() && !node.equals(spec.node().value())) {
                throw new Refusal("pod " + spec.ref() + " is bound to node " + node + ", not " + spec.node());
            }
            return found;
        }
        try {
            return kube.client().resource(manifest(spec)).create();
        } catch (KubernetesClientException e) {
            throw new Refusal("the API server refuses pod " + spec.ref() + ": " + e.getMessage());
        }
    }

    private static Pod manifest(PodSpec spec) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(spec.ref().name())
                .withNamespace(spec.ref().namespace())
                .withLabels(spec.labels())
                .withAnnotations(spec.annotations())
                .withOwnerReferences(spec.owner().stream()
                        .map(owner -> new OwnerReferenceBuilder()
                                .withApiVersion("apps/v1")
                                .withKind(owner.substring(0, owner.indexOf('/')))
                                .withName(owner.substring(owner.indexOf('/') + 1))
                                .withUid("uid-of-" + owner.replace('/', '-'))
                                .withController(true)
                                .build())
                        .toList())
                .endMetadata()
                .withNewSpec()
                .withNodeName(spec.node().value())
                .addNewContainer()
                .withName("pause")
                .withImage("registry.k8s.io/pause:3.10")
                .withPorts(spec.ports().stream().map(PodRuntime::port).toList())
                .endContainer()
                .endSpec()
                .build();
    }

    private static ContainerPort port(PodSpec.Port port) {
        return new ContainerPortBuilder()
                .withName(port.name())
                .withContainerPort(port.number())
                .withHostPort(port.hostPort() == 0 ? null : port.hostPort())
                .withProtocol(port.protocol())
                .build();
    }

    private void report(PodRef ref, LabNode node, List<Container> containers, List<Ip> ips) {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Resource<Pod> object = kube.client().pods().inNamespace(ref.namespace()).withName(ref.name());
        Kube.patchStatus(
                object,
                new PodStatusBuilder()
                        .withPhase("Running")
                        .withHostIP(node.ip().toString())
                        .withPodIP(ips.isEmpty() ? null : ips.getFirst().toString())
                        .withPodIPs(
                                ips.stream().map(ip -> new PodIP(ip.toString())).toList())
                        .withStartTime(now)
                        .addToConditions(new PodConditionBuilder()
                                .withType("Ready")
                                .withStatus("True")
                                .withLastTransitionTime(now)
                                .build())
                        .withContainerStatuses(containers.stream()
                                .map(container -> running(container, now))
                                .toList())
                        .build());
    }

    private static ContainerStatus running(Container container, String since) {
        return new ContainerStatusBuilder()
                .withName(container.getName())
                .withImage(container.getImage())
                .withReady(true)
                .withStarted(true)
                .withRestartCount(0)
                .withNewState()
                .withNewRunning(since)
                .endState()
                .build();
    }

    private void deleteObject(PodRef ref) {
        kube.client()
                .pods()
                .inNamespace(ref.namespace())
                .withName(ref.name())
                .withGracePeriod(0)
                .delete();
    }

    private CniChain chain(Running pod) {
        return CniChain.first(layout.node(pod.spec.node()).cniConf());
    }

    private Running running(PodRef ref) {
        Running pod = pods.get(ref);
        if (pod == null) {
            throw new Refusal("no pod " + ref + " in this lab; lab status lists them");
        }
        return pod;
    }

    private <T> T exclusively(PodRef ref, Supplier<T> work) {
        if (busy.putIfAbsent(ref, true) != null) {
            throw new Refusal("another command is working on pod " + ref);
        }
        try {
            return work.get();
        } finally {
            busy.remove(ref);
        }
    }

    private static String newId() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
