package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Every ENI, found by id, by instance, by group and by address in constant or logarithmic time. */
public final class Enis {

    /** Addresses are unique within a VPC only, so the vSwitch is part of the key. */
    private record Holding(VSwitchId vSwitch, Cidr block) {}

    private final NavigableMap<EniId, Eni> byId = new TreeMap<>();
    private final Map<InstanceId, Set<EniId>> byInstance = new HashMap<>();
    private final Map<SecurityGroupId, Set<EniId>> byGroup = new HashMap<>();
    private final Map<SecurityGroupId, Integer> groupAddresses = new HashMap<>();
    private final Map<Holding, EniId> holders = new HashMap<>();
    private final Network network;
    private final Changes changes;
    private final Past past;

    Enis(Network network, Changes changes, Past past) {
        this.network = network;
        this.changes = changes;
        this.past = past;
    }

    public Optional<Eni> find(EniId id) {
        return Optional.ofNullable(byId.get(id));
    }

    public Eni get(EniId id) {
        return find(id).orElseThrow(
                        () -> ErrorCode.ENI_NOT_FOUND.refuse("The network interface %s does not exist.", id));
    }

    public Collection<Eni> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    public int size() {
        return byId.size();
    }

    /** Ordered by id, those after {@code cursor} (exclusive); an empty cursor means all. */
    public Collection<Eni> after(String cursor) {
        return cursor.isEmpty() ? all() : byId.tailMap(new EniId(cursor), false).values();
    }

    /** The ENIs on an instance, on their way to it or from it; in the order they came. */
    public Set<EniId> on(InstanceId instance) {
        return Collections.unmodifiableSet(byInstance.getOrDefault(instance, Set.of()));
    }

    public Set<EniId> in(SecurityGroupId group) {
        return Collections.unmodifiableSet(byGroup.getOrDefault(group, Set.of()));
    }

    /** What a basic group's capacity counts: addresses and prefixes of its members. */
    public int addressesIn(SecurityGroupId group) {
        return groupAddresses.getOrDefault(group, 0);
    }

    /** The ENI that holds {@code ip} in this vSwitch, singly or within a prefix. */
    public Optional<EniId> holder(VSwitchId vSwitch, Ip ip) {
        int wide = ip.family().bits();
        EniId single = holders.get(new Holding(vSwitch, Cidr.single(ip)));
        return Optional.ofNullable(
                single != null ? single : holders.get(new Holding(vSwitch, Cidr.containing(ip, wide == 32 ? 28 : 80))));
    }

    /** The ENI that holds {@code ip} anywhere; the first found when several VPCs use the same block. */
    public Optional<EniId> holder(Ip ip) {
        return network.holding(ip).stream()
                .flatMap(v -> holder(v.id(), ip).stream())
                .findFirst();
    }

    void put(Eni eni) {
        Eni old = byId.put(eni.id(), eni);
        past.remember(eni.id(), old);
        if (old == null) {
            index(eni);
            indexAddresses(eni);
        } else {
            unindex(old);
            index(eni);
            if (!sameAddresses(old, eni)) {
                unindexAddresses(old);
                indexAddresses(eni);
            }
        }
        changes.touch(eni.id());
    }

    void remove(EniId id) {
        Eni old = byId.remove(id);
        past.remember(id, old);
        unindex(old);
        unindexAddresses(old);
        changes.touch(id);
    }

    private static boolean sameAddresses(Eni one, Eni other) {
        return one.secondaries().equals(other.secondaries())
                && one.ipv6().equals(other.ipv6())
                && one.prefixes().equals(other.prefixes());
    }

    private void index(Eni eni) {
        eni.instance()
                .ifPresent(i -> byInstance
                        .computeIfAbsent(i, k -> new LinkedHashSet<>())
                        .add(eni.id()));
        for (SecurityGroupId group : eni.groups()) {
            byGroup.computeIfAbsent(group, k -> new LinkedHashSet<>()).add(eni.id());
            groupAddresses.merge(group, eni.groupWeight(), Integer::sum);
        }
    }

    private void indexAddresses(Eni eni) {
        eni.addresses().forEach(ip -> holders.put(new Holding(eni.vSwitch(), Cidr.single(ip)), eni.id()));
        eni.prefixes().forEach(p -> holders.put(new Holding(eni.vSwitch(), p), eni.id()));
    }

    private void unindex(Eni eni) {
        Eni current = byId.get(eni.id());
        boolean stays = current != null && current.instance().equals(eni.instance());
        if (!stays) {
            eni.instance().ifPresent(i -> drop(byInstance, i, eni.id()));
        }
        for (SecurityGroupId group : eni.groups()) {
            drop(byGroup, group, eni.id());
            groupAddresses.merge(group, -eni.groupWeight(), Integer::sum);
        }
    }

    private void unindexAddresses(Eni eni) {
        eni.addresses().forEach(ip -> holders.remove(new Holding(eni.vSwitch(), Cidr.single(ip))));
        eni.prefixes().forEach(p -> holders.remove(new Holding(eni.vSwitch(), p)));
    }

    private static <K> void drop(Map<K, Set<EniId>> index, K key, EniId id) {
        index.computeIfPresent(key, (k, ids) -> {
            ids.remove(id);
            return ids.isEmpty() ? null : ids;
        });
    }
}
