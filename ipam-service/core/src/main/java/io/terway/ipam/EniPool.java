package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One ENI's addresses on one node. Package-private state of {@link NodeState}. */
final class EniPool {

    private static final int FAMILIES = Family.values().length;

    final EniId id;
    final Map<Ip, Slot> slots = new LinkedHashMap<>();
    final Census census = new Census();
    private final IdleSlots idleIpv4 = new IdleSlots();
    private final IdleSlots idleIpv6 = new IdleSlots();
    /** As last seen; empty while only a ledger knows the ENI. Set by {@link #sees}. */
    Optional<CloudEni> cloud = Optional.empty();

    private CloudEni.Use use = CloudEni.Use.SECONDARY;
    /** The one open operation on it, 0 for none (rule 12). */
    long operation;
    /** Its addresses are being withdrawn so that it can be deleted. */
    boolean dropping;
    /** In ENIIP mode: one pod has it, or it was made for one. */
    boolean dedicated;
    /** Its security groups as last seen or set; empty while unknown. */
    List<SecurityGroupId> groups = List.of();

    private final Map<Cidr, Integer> blocks = new HashMap<>();
    private final int[] inBlocks = new int[FAMILIES];

    EniPool(EniId id) {
        this.id = id;
    }

    /** What the cloud shows of it; empty: nothing any more. */
    void sees(Optional<CloudEni> shown) {
        cloud = shown;
        use = shown.map(CloudEni::use).orElse(CloudEni.Use.SECONDARY);
    }

    boolean usable() {
        return cloud.isPresent() && cloud.get().phase() == CloudEni.Phase.IN_USE && !dropping;
    }

    /** Oldest idle address first. */
    IdleSlots idle(Family family) {
        return family == Family.IPV4 ? idleIpv4 : idleIpv6;
    }

    Optional<Instant> oldestIdle(Family family) {
        IdleSlots slots = idle(family);
        return slots.isEmpty() ? Optional.empty() : Optional.of(IdleSlots.since(slots.first()));
    }

    CloudEni.Use use() {
        return use;
    }

    /** Entries of the ENI's quota that are taken: single addresses, and prefixes as one each. */
    int used(Family family) {
        int addresses = live(family);
        return blocks.isEmpty() ? addresses : addresses - inBlocks[family.ordinal()] + blocks(family);
    }

    /** Addresses that the cloud has on it. */
    int live(Family family) {
        return census.held(family) + census.count(family, Census.Kind.UNASSIGNING);
    }

    private int blocks(Family family) {
        int count = 0;
        for (Cidr block : blocks.keySet()) {
            count += block.family() == family ? 1 : 0;
        }
        return count;
    }

    /** Prefixes with addresses that are not taken off. */
    Set<Cidr> blocks() {
        return Set.copyOf(blocks.keySet());
    }

    /** Addresses of a prefix that the cloud has. */
    int liveIn(Cidr block) {
        return blocks.getOrDefault(block, 0);
    }

    void count(Slot slot, Census.Kind kind, int delta) {
        Family family = slot.ip.family();
        census.add(family, kind, delta);
        if (slot.block.isPresent() && kind != Census.Kind.GONE) {
            inBlocks[family.ordinal()] += delta;
            blocks.merge(slot.block.get(), delta, (a, b) -> a + b == 0 ? null : Integer.valueOf(a + b));
        }
    }

    /** True when it has nothing but its own first addresses: a pod can have it whole. */
    boolean onlyOwn() {
        if (slots.size() > FAMILIES) {
            return false;
        }
        for (Slot slot : slots.values()) {
            if (!slot.own) {
                return false;
            }
        }
        return !slots.isEmpty();
    }

    /** No pod has it, will get it, or had it until lately. */
    boolean free() {
        return census.count(Census.Kind.BOUND) == 0
                && census.count(Census.Kind.RESERVED) == 0
                && census.count(Census.Kind.COOLING) == 0;
    }

    Collection<Slot> all() {
        return slots.values();
    }

    List<Slot> in(Census.Kind kind) {
        List<Slot> found = new ArrayList<>();
        if (census.count(kind) > 0) {
            for (Slot slot : slots.values()) {
                if (Census.Kind.of(slot.state) == kind) {
                    found.add(slot);
                }
            }
        }
        return found;
    }
}
