package io.terway.node.ledger;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What follows from the ledger's entries. Not thread-safe: its owner serialises.
 *
 * <p>An entry that contradicts the state (an address bound twice, a bind outside the offered set) is a bug or damage:
 * {@link #apply} throws and leaves the state as it was.
 */
public final class LedgerState {

    /** Before ipam-service said otherwise. */
    public static final Duration DEFAULT_COOL_DOWN = Duration.ofSeconds(30);

    /**
     * How many withdrawn addresses are remembered. Beyond it the lowest number goes: its offers were by leaders whose
     * terms are refused, or were answered on this very session.
     */
    static final int MAX_WITHDRAWN = 4096;

    private final Map<SandboxKey, Binding> bindings = new LinkedHashMap<>();
    private final Map<Ip, SandboxKey> holders = new TreeMap<>();
    private final Map<EniId, Set<SandboxKey>> users = new TreeMap<>(); // no empty sets
    private final Map<Ip, OfferedAddress> offered = new TreeMap<>();
    private final Map<Ip, WithdrawnAddress> withdrawn = new TreeMap<>();
    private final Map<EniId, OfferedEni> enis = new TreeMap<>();
    private final Rests rests = new Rests();
    private String ledgerId = "";
    private long term;
    private long sequence;
    private NodeConfig config;

    /** Moves the state on by one fact. */
    public void apply(LedgerEntry entry) {
        switch (entry) {
            case LedgerEntry.Created created -> create(created);
            case LedgerEntry.TermSeen seen -> term = Math.max(term, seen.term());
            case LedgerEntry.Configured configured -> config = configured.config();
            case LedgerEntry.Offered offer -> offer(offer);
            case LedgerEntry.Withdrawn withdrawal -> withdraw(withdrawal);
            case LedgerEntry.Bound bound -> bind(bound.binding());
            case LedgerEntry.Released released -> release(released);
            case LedgerEntry.Rested rest -> rests.put(rest.cooling());
        }
    }

    private void create(LedgerEntry.Created created) {
        if (!ledgerId.isEmpty()) {
            throw new IllegalStateException("the ledger " + ledgerId + " was created twice");
        }
        ledgerId = created.ledgerId();
    }

    private void offer(LedgerEntry.Offered offer) {
        offer.enis().forEach(eni -> enis.compute(eni.id(), (_, before) -> eni.after(before)));
        for (OfferedAddress address : offer.addresses()) {
            if (address.number() > numberOf(address.ip())) {
                withdrawn.remove(address.ip());
                offered.put(address.ip(), address);
                if (!holders.containsKey(address.ip())) {
                    rests.offered(address.ip());
                }
            }
        }
    }

    private void withdraw(LedgerEntry.Withdrawn withdrawal) {
        for (WithdrawnAddress address : withdrawal.addresses()) {
            if (holders.containsKey(address.ip())) {
                throw new IllegalStateException(
                        address.ip() + " was withdrawn while " + holders.get(address.ip()) + " holds it");
            }
        }
        for (WithdrawnAddress address : withdrawal.addresses()) {
            offered.remove(address.ip());
            rests.remove(address.ip());
            withdrawn.put(address.ip(), address);
            forgetUnused(address.eni());
        }
        while (withdrawn.size() > MAX_WITHDRAWN) {
            withdrawn.remove(Collections.min(withdrawn.values(), Comparator.comparingLong(WithdrawnAddress::number))
                    .ip());
        }
        withdrawal.enis().forEach(this::forgetUnused);
    }

    /** An ENI leaves with its last address, asked or not: the offer that uses it again describes it again. */
    private void forgetUnused(EniId eni) {
        if (!isUsed(eni)) {
            enis.remove(eni);
        }
    }

    private boolean isUsed(EniId eni) {
        return offered.values().stream().anyMatch(a -> a.eni().equals(eni))
                || users.containsKey(eni)
                || enis.values().stream().anyMatch(e -> carries(eni, e));
    }

    /** A trunk stays as long as a member of it. */
    private static boolean carries(EniId trunk, OfferedEni eni) {
        return eni.role() instanceof EniRole.Member member && member.trunk().equals(trunk);
    }

    private void bind(Binding binding) {
        Binding before = bindings.get(binding.key());
        if (before != null) {
            if (!before.renewed(binding.at(), binding.sequence()).equals(binding)) {
                throw new IllegalStateException(binding.key() + " was bound twice");
            }
            bindings.put(binding.key(), binding);
            sequence = binding.sequence();
            return;
        }
        for (Ip ip : binding.ips()) {
            if (holders.containsKey(ip)) {
                throw new IllegalStateException(
                        ip + " was bound to " + binding.key() + " while " + holders.get(ip) + " holds it");
            }
        }
        bindings.put(binding.key(), binding);
        users.computeIfAbsent(binding.eni(), _ -> new LinkedHashSet<>()).add(binding.key());
        for (Ip ip : binding.ips()) {
            holders.put(ip, binding.key());
            rests.remove(ip);
        }
        sequence = binding.sequence();
    }

    private void release(LedgerEntry.Released released) {
        Binding binding = bindings.remove(released.key());
        if (binding == null) {
            throw new IllegalStateException(released.key() + " was released without holding anything");
        }
        users.computeIfPresent(binding.eni(), (_, keys) -> {
            keys.remove(released.key());
            return keys.isEmpty() ? null : keys;
        });
        for (Ip ip : binding.ips()) {
            holders.remove(ip);
            if (released.plumbed()) {
                rests.put(new Cooling(ip, lastHolder(binding, released), binding.fixed(), released.at()));
            }
        }
        sequence++;
    }

    /** Its release and another's bind may have gone with the power: of a former boot's binding no pod is known as the last. */
    private static PodLife lastHolder(Binding binding, LedgerEntry.Released released) {
        boolean certain =
                binding.fixed() || !binding.isOfAnotherBoot(released.at().bootId());
        return certain ? binding.pod() : Rests.NOBODY_KNOWN;
    }

    /**
     * Takes in that the node may have lost power: offers, binds and releases of the former boot can be lost with its page
     * cache. So in the cool-down after a boot every free address rests that was not released in this boot, whoever held
     * it. To be called at each start, as it is not written down.
     */
    public void restAfterBoot(BootTime now) {
        if (now.sinceBoot().compareTo(coolDown()) < 0) {
            rests.beginBoot(now);
            offered.keySet().stream().filter(ip -> !holders.containsKey(ip)).forEach(rests::offered);
        }
    }

    /** The larger of the numbers under which the address was offered or withdrawn; 0 for an unknown one. */
    public long numberOf(Ip ip) {
        OfferedAddress in = offered.get(ip);
        WithdrawnAddress out = withdrawn.get(ip);
        return Math.max(in == null ? 0 : in.number(), out == null ? 0 : out.number());
    }

    /** The highest number under which anything is offered or withdrawn; 0 when nothing is. */
    public long highestNumber() {
        long in = offered.values().stream()
                .mapToLong(OfferedAddress::number)
                .max()
                .orElse(0);
        long out = withdrawn.values().stream()
                .mapToLong(WithdrawnAddress::number)
                .max()
                .orElse(0);
        return Math.max(in, out);
    }

    /** Cool-down this address still has to run; zero when it may be used. */
    public Duration coolingLeft(Ip ip, BootTime now) {
        return rests.left(ip, coolDown(), now);
    }

    public Duration coolDown() {
        return config == null ? DEFAULT_COOL_DOWN : config.coolDown();
    }

    /** The facts that lead to this state, in an order that can be applied; see {@link #restore}. */
    public List<LedgerEntry> snapshot() {
        List<LedgerEntry> facts = new ArrayList<>();
        facts.add(new LedgerEntry.Created(ledgerId));
        facts.add(new LedgerEntry.TermSeen(term));
        config().ifPresent(c -> facts.add(new LedgerEntry.Configured(c)));
        // Before the offers: an ENI that was offered since, and has no address yet, must not leave with them.
        facts.add(new LedgerEntry.Withdrawn(List.copyOf(withdrawn.values()), List.of()));
        facts.add(new LedgerEntry.Offered(List.copyOf(enis.values()), List.copyOf(offered.values())));
        bindings.values().forEach(b -> facts.add(new LedgerEntry.Bound(b)));
        rests.all().forEach(c -> facts.add(new LedgerEntry.Rested(c)));
        return facts;
    }

    /** The state of a snapshot taken at {@code sequence}. */
    public static LedgerState restore(long sequence, List<LedgerEntry> snapshot) {
        LedgerState state = new LedgerState();
        snapshot.forEach(state::apply);
        state.sequence = sequence;
        return state;
    }

    public String ledgerId() {
        return ledgerId;
    }

    /** Highest term of a leader that spoke; 0 before the first. */
    public long term() {
        return term;
    }

    /** Number of binds and releases so far. */
    public long sequence() {
        return sequence;
    }

    public Optional<NodeConfig> config() {
        return Optional.ofNullable(config);
    }

    public Optional<Binding> binding(SandboxKey key) {
        return Optional.ofNullable(bindings.get(key));
    }

    /** In the order they were bound. */
    public Collection<Binding> bindings() {
        return Collections.unmodifiableCollection(bindings.values());
    }

    public Optional<Binding> holder(Ip ip) {
        return Optional.ofNullable(holders.get(ip)).map(bindings::get);
    }

    /** How many sandboxes hold an address of the ENI. */
    public int users(EniId eni) {
        return users.getOrDefault(eni, Set.of()).size();
    }

    /** Some sandbox that holds an address of the ENI; the only one where it has the whole ENI. */
    public Optional<Binding> user(EniId eni) {
        return users.getOrDefault(eni, Set.of()).stream().findFirst().map(bindings::get);
    }

    public Optional<OfferedAddress> offered(Ip ip) {
        return Optional.ofNullable(offered.get(ip));
    }

    public Collection<OfferedAddress> offered() {
        return Collections.unmodifiableCollection(offered.values());
    }

    public Collection<WithdrawnAddress> withdrawn() {
        return Collections.unmodifiableCollection(withdrawn.values());
    }

    public Collection<OfferedEni> enis() {
        return Collections.unmodifiableCollection(enis.values());
    }

    public Optional<OfferedEni> eni(EniId id) {
        return Optional.ofNullable(enis.get(id));
    }

    /** The last release of an address that is free since; kept after its cool-down, for the order of reuse. */
    public Optional<Cooling> lastRelease(Ip ip) {
        return rests.last(ip);
    }

    /** Every release that is remembered. */
    public Collection<Cooling> releases() {
        return rests.all();
    }
}
