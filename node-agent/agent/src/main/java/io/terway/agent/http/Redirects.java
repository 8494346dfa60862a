package io.terway.agent.http;

import io.terway.agent.loop.News;
import io.terway.link.Notice;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.NetnsThread;
import io.terway.linux.nft.Nft;
import io.terway.linux.nft.NftResult;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.http.RedirectText;
import io.terway.node.ledger.Binding;
import io.terway.node.policy.PortSpan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Finds pods with HTTP rules that turn connections to those ports themselves, as a sidecar mesh does: what is read there is
 * the mesh's, mostly TLS, and no request. Such ports are closed, and somebody is told. Looked at by one thread.
 */
final class Redirects {

    private static final Logger LOG = Logger.getLogger(Redirects.class);

    private static final String REASON = "SidecarMesh";

    /** Which of the legacy iptables are there; what is in them has no rules that netlink shows. */
    private static final List<Path> LEGACY = List.of(
            Path.of("/proc/thread-self/net/ip_tables_names"), Path.of("/proc/thread-self/net/ip6_tables_names"));

    private final Consumer<Notice> notices;
    private final News failures = new News();
    private final Map<SandboxKey, String> told = new HashMap<>();
    private volatile Map<Binding, List<PortSpan>> asked = Map.of();
    private volatile Set<Ip> addresses = Set.of();

    Redirects(Consumer<Notice> notices) {
        this.notices = notices;
    }

    /** Where requests decide: pods of the node, and their ports with HTTP rules. Any thread. */
    void follow(Map<Binding, List<PortSpan>> now) {
        asked = Map.copyOf(now);
    }

    /** Of the pods that do. Any thread. */
    Set<Ip> addresses() {
        return addresses;
    }

    /** True when there are others than before. */
    boolean look() {
        Map<Binding, List<PortSpan>> now = asked;
        Set<Ip> found = new HashSet<>();
        Set<SandboxKey> there = new HashSet<>();
        now.forEach((pod, ports) -> find(pod.netns(), ports).ifPresent(rule -> {
            found.addAll(pod.ips());
            there.add(pod.key());
            tell(pod, rule);
        }));
        told.keySet().retainAll(there);
        boolean changed = !found.equals(addresses);
        addresses = Set.copyOf(found);
        return changed;
    }

    private Optional<String> find(Path netns, List<PortSpan> ports) {
        if (!Files.exists(netns)) {
            return Optional.empty();
        }
        try {
            return NetnsThread.call(netns, () -> find(ports));
        } catch (KernelRefusal | UncheckedIOException | IllegalStateException e) {
            if (failures.isNew(e.getMessage())) {
                LOG.warnf("whether a pod redirects its connections is not known: %s: %s", netns, e.getMessage());
            }
            return Optional.empty();
        }
    }

    private static Optional<String> find(List<PortSpan> ports) {
        for (Path names : LEGACY) {
            if (Files.exists(names) && lines(names).contains("nat")) {
                return Optional.of("the table nat of iptables-legacy");
            }
        }
        return switch (Nft.runHere("list ruleset")) {
            case NftResult.Applied(String ruleset) -> RedirectText.find(ruleset, ports);
            case NftResult.Rejected _ -> Optional.empty();
        };
    }

    private static List<String> lines(Path file) {
        try (var in = Files.newInputStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII)
                    .lines()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void tell(Binding pod, String rule) {
        if (rule.equals(told.put(pod.key(), rule))) {
            return;
        }
        LOG.warnf("pod %s redirects connections to its ports with HTTP rules (%s): they are closed", pod.pod(), rule);
        notices.accept(Notice.warning(
                Notice.Subject.pod(pod.pod().ref(), pod.pod().uid()),
                REASON,
                "HTTP rules of policy are refused for this pod and its ports with such rules are closed: its network namespace"
                        + " redirects connections (" + rule
                        + "), as a sidecar mesh does, and requests cannot be read there; give these rules to the mesh and"
                        + " allow the ports without HTTP rules, or exclude the ports from the mesh"));
    }
}
