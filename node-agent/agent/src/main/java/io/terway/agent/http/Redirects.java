package io.terway.agent.http;

import io.terway.link.Notice;
import io.terway.linux.netns.NetnsThread;
import io.terway.linux.nft.Nft;
import io.terway.linux.nft.NftResult;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.http.RedirectText;
import io.terway.node.ledger.Binding;
import io.terway.node.policy.Direction;
import io.terway.node.policy.RequestPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Finds pods with HTTP rules that turn connections of those ports themselves, as a sidecar mesh does: what is read there is
 * the mesh's, mostly TLS, and no request. Such ports are closed, and somebody is told. What cannot be read counts as turned,
 * for that pod alone: a pod may write anything into its own namespace. Looked at by one thread.
 */
final class Redirects {

    private static final Logger LOG = Logger.getLogger(Redirects.class);

    private static final String REASON = "SidecarMesh";

    /** Of one pod; meshes write some dozens of rules, of some 400 bytes each. */
    private static final int MOST_BYTES = 512 << 10;

    private static final int MOST_SAID = 200;

    /** Which of the legacy iptables are there; what is in them has no rules that netlink shows. */
    private static final List<Path> LEGACY = List.of(
            Path.of("/proc/thread-self/net/ip_tables_names"), Path.of("/proc/thread-self/net/ip6_tables_names"));

    /** An address of a pod, and on which side of connections it turns them. */
    private record End(Direction direction, Ip ip) {}

    /** @param detail of the pod's making: for the log only, because it may change with each look */
    private record Found(RedirectCause cause, Set<Direction> directions, String detail) {}

    private final Consumer<Notice> notices;
    private final Map<SandboxKey, Set<String>> told = new HashMap<>();
    private volatile Map<Binding, RequestPorts> asked = Map.of();
    private volatile Set<End> ends = Set.of();

    Redirects(Consumer<Notice> notices) {
        this.notices = notices;
    }

    /** Where requests decide: pods of the node, and their ports with HTTP rules. Any thread. */
    void follow(Map<Binding, RequestPorts> now) {
        asked = Map.copyOf(now);
    }

    /** True when the pod of this address turns such connections. Any thread. */
    boolean closes(Direction direction, Ip ip) {
        return ends.contains(new End(direction, ip));
    }

    /** True when there are others than before. */
    boolean look() {
        Map<Binding, RequestPorts> now = asked;
        Set<End> found = new HashSet<>();
        Set<SandboxKey> there = new HashSet<>();
        now.forEach((pod, ports) -> find(pod, ports).ifPresent(turned -> {
            turned.directions().forEach(direction -> pod.ips().forEach(ip -> found.add(new End(direction, ip))));
            there.add(pod.key());
            tell(pod, turned);
        }));
        told.keySet().retainAll(there);
        boolean changed = !found.equals(ends);
        ends = Set.copyOf(found);
        return changed;
    }

    private static Optional<Found> find(Binding pod, RequestPorts ports) {
        if (!Files.exists(pod.netns())) {
            return Optional.empty();
        }
        try {
            return NetnsThread.call(pod.netns(), () -> findHere(pod, ports));
        } catch (RuntimeException e) {
            // Whatever it is, it is this pod's: the next one is looked at.
            return Files.exists(pod.netns())
                    ? Optional.of(new Found(RedirectCause.UNREADABLE, all(ports), String.valueOf(e.getMessage())))
                    : Optional.empty();
        }
    }

    private static Optional<Found> findHere(Binding pod, RequestPorts ports) {
        for (Path names : LEGACY) {
            if (Files.exists(names) && lines(names).contains("nat")) {
                return Optional.of(new Found(RedirectCause.LEGACY, all(ports), names.toString()));
            }
        }
        String rules = switch (Nft.rulesHere(MOST_BYTES)) {
            case NftResult.Applied(String text) -> text;
            case NftResult.Rejected(String why) -> throw new IllegalStateException(why);
        };
        Map<Direction, String> chains = new HashMap<>();
        for (Direction direction : all(ports)) {
            RedirectText.find(rules, direction, ports.in(direction), pod.ips())
                    .ifPresent(chain -> chains.put(direction, chain));
        }
        return chains.isEmpty()
                ? Optional.empty()
                : Optional.of(new Found(
                        RedirectCause.REDIRECTS,
                        EnumSet.copyOf(chains.keySet()),
                        chains.values().stream().sorted().collect(Collectors.joining(", "))));
    }

    private static Set<Direction> all(RequestPorts ports) {
        return Stream.of(Direction.values())
                .filter(direction -> !ports.in(direction).isEmpty())
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Direction.class)));
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

    /** Each of the few texts once, until it ends. */
    private void tell(Binding pod, Found found) {
        String text = found.cause().text(found.directions());
        if (!told.computeIfAbsent(pod.key(), _ -> new HashSet<>()).add(text)) {
            return;
        }
        String detail =
                found.detail().substring(0, Math.min(MOST_SAID, found.detail().length()));
        LOG.warnf("pod %s: %s (%s)", pod.pod(), text, detail.replaceAll("[^ -~]", "?"));
        notices.accept(
                Notice.warning(Notice.Subject.pod(pod.pod().ref(), pod.pod().uid()), REASON, text));
    }
}
