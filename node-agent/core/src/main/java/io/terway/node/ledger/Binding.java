package io.terway.node.ledger;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.hostport.HostPort;
import io.terway.node.hostport.Published;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A sandbox and the addresses it holds.
 *
 * @param netns path of the sandbox's network namespace, as the runtime gave it
 * @param addresses one per family, all on one ENI
 * @param fixed true when the pod has a fixed address
 * @param at when the plugin of its ADD started: a DEL that started before is about an earlier life of the sandbox, and a
 *     binding of another boot has no sandbox any more
 * @param sequence of the bind among binds and releases
 * @param attachment how it is connected
 * @param hostPorts ports of the node that we lead to it
 */
public record Binding(
        SandboxKey key,
        PodLife pod,
        Path netns,
        List<HeldAddress> addresses,
        boolean fixed,
        BootTime at,
        long sequence,
        Attachment attachment,
        List<HostPort> hostPorts) {

    public Binding {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(netns, "netns");
        Objects.requireNonNull(at, "at");
        Objects.requireNonNull(attachment, "attachment");
        addresses = List.copyOf(addresses);
        hostPorts = List.copyOf(hostPorts);
        if (addresses.isEmpty()
                || addresses.stream().map(a -> a.ip().family()).distinct().count() != addresses.size()
                || addresses.stream().map(HeldAddress::eni).distinct().count() != 1) {
            throw new IllegalArgumentException(key + " needs one address per family, all on one ENI, has " + addresses);
        }
    }

    /** True when a DEL whose plugin started then, since its boot, is about an earlier life of the sandbox: it ends nothing. */
    public boolean isOfLaterLifeThan(Duration del, BootTime now) {
        boolean older = now.isOvertakenBy(del) || at.sinceBoot().compareTo(del) > 0;
        return older && !isOfAnotherBoot(now.bootId());
    }

    /** True when the kernel has booted since: no sandbox outlives that. */
    public boolean isOfAnotherBoot(String bootId) {
        return !at.bootId().equals(bootId);
    }

    /** True in a ledger that was made anew: when its ADD started nobody knows (see {@link Rebuild}). */
    public boolean isOfUnknownAge() {
        return at.sinceBoot().isZero();
    }

    /** The same addresses for a life of the sandbox that an ADD began later: what was asked before that is history. */
    public Binding renewed(BootTime at, long sequence) {
        return new Binding(key, pod, netns, addresses, fixed, at, sequence, attachment, hostPorts);
    }

    /** A sandbox that shares its ENI with others. */
    public Binding(
            SandboxKey key,
            PodLife pod,
            Path netns,
            List<HeldAddress> addresses,
            boolean fixed,
            BootTime at,
            long sequence) {
        this(key, pod, netns, addresses, fixed, at, sequence, Attachment.SHARED);
    }

    /** A sandbox to which no port of the node leads. */
    public Binding(
            SandboxKey key,
            PodLife pod,
            Path netns,
            List<HeldAddress> addresses,
            boolean fixed,
            BootTime at,
            long sequence,
            Attachment attachment) {
        this(key, pod, netns, addresses, fixed, at, sequence, attachment, List.of());
    }

    /** The ports of the node that we lead to it, if there are any. */
    public Optional<Published> published() {
        return hostPorts.isEmpty() ? Optional.empty() : Optional.of(new Published(key, ips(), hostPorts));
    }

    /** The first port of these that leads to this sandbox already. */
    public Optional<HostPort> taken(List<HostPort> wanted) {
        return hostPorts.stream()
                .filter(held -> wanted.stream().anyMatch(held::collidesWith))
                .findFirst();
    }

    public List<Ip> ips() {
        return addresses.stream().map(HeldAddress::ip).toList();
    }

    /** The ENI that emits all of them. */
    public EniId eni() {
        return addresses.getFirst().eni();
    }
}
