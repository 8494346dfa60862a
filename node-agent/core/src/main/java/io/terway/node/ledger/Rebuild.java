package io.terway.node.ledger;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes a ledger anew (rule 5) of three witnesses: the kernel, which has connected sandboxes; ipam-service's last view of
 * the node; and what can still be read of the old ledger. Who is connected holds its addresses, whatever the others say.
 * Who is only known to ipam-service goes on holding them until it is released in the ordinary way. What only the old
 * ledger knows counts as long as its namespace exists. Every other address rests a whole cool-down.
 */
public final class Rebuild {

    /** Name of the network in the configuration that the agent installs. */
    private static final String NETWORK = "terway";

    /** Where a sandbox is taken to be whose namespace nobody knows: there is nothing. */
    private static final Path NOWHERE = Path.of("/run/netns/unknown");

    private final Witnesses said;
    private final BootTime now;
    private final Map<SandboxKey, Binding> bindings = new LinkedHashMap<>();
    private final Map<Ip, SandboxKey> holders = new HashMap<>();

    /** What came of it. */
    public sealed interface Outcome {

        /** A ledger to be believed once ipam-service agrees. */
        record Rebuilt(LedgerState state) implements Outcome {}

        /** @param why the node stays in quarantine, for people */
        record Unexplained(String why) implements Outcome {}
    }

    private Rebuild(Witnesses said, BootTime now) {
        this.said = said;
        this.now = now;
    }

    /** @param sequence of the ledger that is made */
    public static Outcome of(String ledgerId, long sequence, Witnesses said, BootTime now) {
        Rebuild rebuild = new Rebuild(said, now);
        return rebuild.account()
                .<Outcome>map(Outcome.Unexplained::new)
                .orElseGet(() -> new Outcome.Rebuilt(rebuild.state(ledgerId, sequence)));
    }

    /** Who holds what; says what cannot be explained. */
    private Optional<String> account() {
        for (Witnesses.Connected told : said.kernel()) {
            Witnesses.Connected connected = believed(told);
            if (connected.addresses().isEmpty()) {
                continue; // a link without a route: no packet finds it, and its DEL or next ADD sees to it
            }
            if (connected.eni().filter(eni -> !isOfNode(eni)).isPresent()) {
                continue; // two nodes on one kernel see each other's pods; nothing of another's ENI is given out here
            }
            Optional<Binding> binding = explain(connected);
            if (binding.isEmpty()) {
                return Optional.of("link " + connected.link() + " of container " + connected.containerId()
                        + " has addresses " + connected.addresses()
                        + " and belongs to no sandbox that anybody knows; delete its pod, or that link");
            }
            Optional<String> conflict = hold(binding.get());
            if (conflict.isPresent()) {
                return conflict;
            }
        }
        for (Binding binding : said.view().bindings()) {
            Optional<String> conflict = bindings.containsKey(binding.key()) ? Optional.empty() : hold(placed(binding));
            if (conflict.isPresent()) {
                return conflict;
            }
        }
        said.old().bindings().stream()
                .filter(b -> !bindings.containsKey(b.key()) && said.exists().test(b.netns()))
                .filter(b -> b.ips().stream().noneMatch(holders::containsKey))
                .forEach(this::hold);
        return Optional.empty();
    }

    /** A namespace speaks for addresses of the ENI that leads there, not for what a pod gave its links besides. */
    private Witnesses.Connected believed(Witnesses.Connected connected) {
        return connected.eni().isEmpty()
                ? connected
                : connected.with(connected.addresses().stream()
                        .filter(ip -> eniOf(ip).equals(connected.eni()) || isBound(ip, connected))
                        .toList());
    }

    private boolean isBound(Ip ip, Witnesses.Connected connected) {
        return remembered(connected).anyMatch(b -> b.ips().contains(ip));
    }

    /** What the old ledger and ipam-service have of a sandbox. */
    private Stream<Binding> remembered(Witnesses.Connected connected) {
        return Stream.concat(said.old().bindings().stream(), said.view().bindings().stream())
                .filter(b -> connected.is(b.key()));
    }

    private Optional<String> hold(Binding binding) {
        for (Ip ip : binding.ips()) {
            SandboxKey other = holders.get(ip);
            if (other != null) {
                return Optional.of(
                        ip + " is held by " + other + " and by " + binding.key() + "; delete the pod of one of them");
            }
        }
        bindings.put(binding.key(), binding);
        binding.ips().forEach(ip -> holders.put(ip, binding.key()));
        return Optional.empty();
    }

    /** What a connected sandbox is, if anybody knows. */
    private Optional<Binding> explain(Witnesses.Connected connected) {
        Optional<Binding> known = remembered(connected)
                .filter(b -> Set.copyOf(b.ips()).equals(Set.copyOf(connected.addresses())))
                .findFirst()
                .map(this::placed);
        return known.or(() -> guess(connected));
    }

    /** With the namespace and time that the old ledger or the kernel has of it. */
    private Binding placed(Binding binding) {
        Optional<Binding> old =
                said.old().binding(binding.key()).filter(b -> b.ips().equals(binding.ips()));
        Path netns = said.kernel().stream()
                .filter(c -> c.is(binding.key()))
                .flatMap(c -> c.netns().stream())
                .findFirst()
                .or(() -> old.map(Binding::netns))
                .orElse(NOWHERE);
        return new Binding(
                binding.key(),
                binding.pod(),
                old.map(Binding::netns).filter(said.exists()).orElse(netns),
                binding.addresses(),
                binding.fixed(),
                old.map(Binding::at).orElse(longAgo()),
                0,
                binding.attachment(),
                old.map(Binding::hostPorts)
                        .orElseGet(() -> said.kernel().stream()
                                .filter(c -> c.is(binding.key()))
                                .flatMap(c -> c.hostPorts().stream())
                                .toList()));
    }

    /** A bind that was neither kept nor reported: its pod follows from the link's name, the rest from its ENI. */
    private Optional<Binding> guess(Witnesses.Connected connected) {
        List<HeldAddress> addresses = new ArrayList<>();
        for (Ip ip : connected.addresses()) {
            eniOf(ip).ifPresent(eni -> addresses.add(new HeldAddress(ip, eni)));
        }
        boolean whole = addresses.size() == connected.addresses().size();
        return said.pods()
                .apply(connected)
                .filter(_ -> whole)
                .map(pod -> new Binding(
                        new SandboxKey(network(), connected.containerId(), connected.ifName()),
                        pod.life(),
                        connected.netns().orElse(NOWHERE),
                        addresses,
                        pod.fixed(),
                        longAgo(),
                        0,
                        attachment(addresses.getFirst()),
                        connected.hostPorts()));
    }

    /** What an ENI is for says how its sandboxes are connected; its own address goes with the whole of it. */
    private Attachment attachment(HeldAddress address) {
        Optional<OfferedEni> eni = Stream.concat(said.view().enis().stream(), said.old().enis().stream())
                .filter(e -> e.id().equals(address.eni()))
                .findFirst();
        return eni.map(e -> switch (e.role()) {
                    case EniRole.Primary() -> Attachment.ROUTED;
                    case EniRole.Member _ -> Attachment.TRUNK_MEMBER;
                    case EniRole.Secondary(), EniRole.Trunk() ->
                        e.own().contains(address.ip()) ? Attachment.EXCLUSIVE : Attachment.SHARED;
                })
                .orElse(Attachment.SHARED);
    }

    private Optional<EniId> eniOf(Ip ip) {
        return Stream.concat(said.view().offered().stream(), said.old().offered().stream())
                .filter(o -> o.ip().equals(ip))
                .map(OfferedAddress::eni)
                .findFirst();
    }

    private boolean isOfNode(EniId id) {
        return Stream.concat(said.view().enis().stream(), said.old().enis().stream())
                .anyMatch(eni -> eni.id().equals(id));
    }

    private String network() {
        return Stream.concat(said.view().bindings().stream(), said.old().bindings().stream())
                .map(b -> b.key().network())
                .findFirst()
                .orElse(NETWORK);
    }

    /** Before every call of this boot: a DEL is about this life of the sandbox unless it names another namespace. */
    private BootTime longAgo() {
        return new BootTime(now.bootId(), Duration.ZERO);
    }

    private LedgerState state(String ledgerId, long sequence) {
        List<LedgerEntry> facts = new ArrayList<>();
        facts.add(new LedgerEntry.Created(ledgerId));
        facts.add(new LedgerEntry.TermSeen(said.old().term()));
        said.old().config().ifPresent(config -> facts.add(new LedgerEntry.Configured(config)));
        List<OfferedAddress> offered = offered();
        facts.add(new LedgerEntry.Offered(enis(offered), offered));
        bindings.values().forEach(b -> facts.add(new LedgerEntry.Bound(b)));
        offered.stream()
                .map(OfferedAddress::ip)
                .filter(ip -> !holders.containsKey(ip))
                .forEach(ip -> facts.add(new LedgerEntry.Rested(rest(ip))));
        return LedgerState.restore(sequence, facts);
    }

    /** What nobody but the old ledger calls the node's own may be another's by now; unless it is held here. */
    private List<OfferedAddress> offered() {
        Map<Ip, OfferedAddress> all = new LinkedHashMap<>();
        said.old().offered().stream().filter(o -> holders.containsKey(o.ip())).forEach(o -> all.put(o.ip(), o));
        said.view().offered().stream()
                .filter(o -> said.view().known() || holders.containsKey(o.ip()))
                .forEach(o -> all.put(o.ip(), o));
        return List.copyOf(all.values());
    }

    private List<OfferedEni> enis(List<OfferedAddress> offered) {
        Set<EniId> used = new HashSet<>();
        offered.forEach(o -> used.add(o.eni()));
        bindings.values().forEach(b -> used.add(b.eni()));
        Map<EniId, OfferedEni> all = new LinkedHashMap<>();
        said.old().enis().forEach(eni -> all.put(eni.id(), eni));
        said.view().enis().forEach(eni -> all.compute(eni.id(), (_, before) -> eni.after(before)));
        for (EniId id : Set.copyOf(used)) {
            if (all.get(id) instanceof OfferedEni eni && eni.role() instanceof EniRole.Member(EniId trunk, int _)) {
                used.add(trunk);
            }
        }
        all.keySet().retainAll(used);
        return List.copyOf(all.values());
    }

    /** A release may have been lost. A fixed address can have had no other pod since, and stays that pod's. */
    private Cooling rest(Ip ip) {
        return said.old()
                .lastRelease(ip)
                .filter(Cooling::fixed)
                .map(c -> new Cooling(ip, c.lastHolder(), true, now))
                .orElseGet(() -> new Cooling(ip, new PodLife(new PodRef("unknown", "unknown"), ""), false, now));
    }
}
