package io.terway.agent.apply;

import io.terway.linux.bpf.BpfMap;
import io.terway.linux.bpf.Program;
import io.terway.linux.netlink.BpfFilter;
import io.terway.linux.netlink.BpfFilter.Hook;
import io.terway.linux.netlink.Link;
import io.terway.linux.netlink.RouteSocket;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.TagEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * The tags of trunk members on the links of trunk ENIs: two programs at the clsact hook and a map from address to tag and
 * MAC. They stay when this process ends, and the next one finds the map by the program. Any thread.
 */
final class TrunkTags implements AutoCloseable {

    /** The priorities under which the existing Terway keeps its filters for the same purpose. */
    private static final int INGRESS_PRIORITY = 20000;

    private static final int EGRESS_PRIORITY = 50001;

    private static final String NAME = "terway_tag";

    /** More than the largest instance has members, in both families. */
    private static final int MAX_ENTRIES = 4096;

    private final ConcurrentMap<Integer, BpfMap> maps = new ConcurrentHashMap<>();

    /** Read: a map is in use. Write: one is closed, whose number the next file that is opened may get. */
    private final ReentrantReadWriteLock closing = new ReentrantReadWriteLock();

    /** Indexes of the trunk links that are known to have tags. */
    Collection<Integer> trunks() {
        return List.copyOf(maps.keySet());
    }

    /** Takes over what an earlier process left at this link; nothing when there is none. */
    void adopt(RouteSocket host, int ifindex) {
        if (!maps.containsKey(ifindex)) {
            ours(host, ifindex, Hook.EGRESS)
                    .or(() -> ours(host, ifindex, Hook.INGRESS))
                    .flatMap(f -> BpfMap.ofProgram(f.programId(), TrunkProgram.KEY_BYTES, TrunkProgram.VALUE_BYTES))
                    .ifPresent(map -> keep(ifindex, map));
        }
    }

    /** The tag of an address, while both programs are in place. */
    Optional<TagEntry> find(RouteSocket host, int ifindex, String link, Ip ip) {
        return using(() -> findIn(host, ifindex, link, ip));
    }

    private Optional<TagEntry> findIn(RouteSocket host, int ifindex, String link, Ip ip) {
        adopt(host, ifindex);
        BpfMap map = maps.get(ifindex);
        if (map == null
                || ours(host, ifindex, Hook.EGRESS).isEmpty()
                || ours(host, ifindex, Hook.INGRESS).isEmpty()) {
            return Optional.empty();
        }
        return map.get(key(ip)).map(value -> entry(link, ip, value));
    }

    /** Members whose tags are not as they must be; while their trunk has no link among these, nobody is named. */
    Set<SandboxKey> damaged(RouteSocket host, Collection<PodAttachment> pods, List<Link> links) {
        Set<SandboxKey> found = new LinkedHashSet<>();
        for (PodAttachment pod : pods) {
            if (pod.connection() instanceof Connection.TrunkTag member) {
                links.stream()
                        .filter(l -> l.mac().equals(member.trunk().mac()))
                        .findFirst()
                        .filter(trunk -> !holds(host, trunk, pod, member))
                        .ifPresent(_ -> found.add(pod.key()));
            }
        }
        return found;
    }

    private boolean holds(RouteSocket host, Link trunk, PodAttachment pod, Connection.TrunkTag member) {
        return pod.addresses().stream()
                .map(ip -> new TagEntry(
                        trunk.name(), ip, member.vlan(), member.member().mac()))
                .allMatch(tag -> find(host, trunk.index(), trunk.name(), tag.from())
                        .filter(tag::equals)
                        .isPresent());
    }

    /** Sees to the programs, then to the tag. */
    void put(RouteSocket host, int ifindex, TagEntry tag) {
        using(() -> putInto(host, ifindex, tag));
    }

    private boolean putInto(RouteSocket host, int ifindex, TagEntry tag) {
        adopt(host, ifindex);
        BpfMap map = maps.get(ifindex);
        if (map == null) {
            map = keep(ifindex, BpfMap.hash(NAME, TrunkProgram.KEY_BYTES, TrunkProgram.VALUE_BYTES, MAX_ENTRIES));
        }
        if (ours(host, ifindex, Hook.EGRESS).isEmpty()
                || ours(host, ifindex, Hook.INGRESS).isEmpty()) {
            attach(host, ifindex, map);
        }
        map.put(key(tag.from()), value(tag));
        return true;
    }

    void delete(int ifindex, Ip ip) {
        using(() -> {
            BpfMap map = maps.get(ifindex);
            if (map != null) {
                map.delete(key(ip));
            }
            return true;
        });
    }

    /** Lets go of the maps of links that are gone; the kernel has ended their programs. */
    void keep(Set<Integer> links) {
        if (links.containsAll(maps.keySet())) {
            return;
        }
        closing.writeLock().lock();
        try {
            maps.entrySet().removeIf(e -> {
                boolean gone = !links.contains(e.getKey());
                if (gone) {
                    e.getValue().close();
                }
                return gone;
            });
        } finally {
            closing.writeLock().unlock();
        }
    }

    @Override
    public void close() {
        keep(Set.of());
    }

    private <T> T using(Supplier<T> task) {
        closing.readLock().lock();
        try {
            return task.get();
        } finally {
            closing.readLock().unlock();
        }
    }

    private BpfMap keep(int ifindex, BpfMap map) {
        BpfMap before = maps.putIfAbsent(ifindex, map);
        if (before != null) {
            map.close();
            return before;
        }
        return map;
    }

    private static void attach(RouteSocket host, int ifindex, BpfMap map) {
        try (Program out = Program.load(NAME, TrunkProgram.egress(map));
                Program in = Program.load(NAME, TrunkProgram.ingress(map))) {
            host.execute(
                    BpfFilter.hooks(ifindex),
                    BpfFilter.of(ifindex, Hook.EGRESS, EGRESS_PRIORITY, NAME).replace(out.fd()),
                    BpfFilter.of(ifindex, Hook.INGRESS, INGRESS_PRIORITY, NAME).replace(in.fd()));
        }
    }

    private static Optional<BpfFilter> ours(RouteSocket host, int ifindex, Hook hook) {
        return host.filters(ifindex, hook).stream()
                .filter(f -> f.name().equals(NAME))
                .findFirst();
    }

    /** IPv4 addresses as ::ffff:a.b.c.d, so that one map serves both families. */
    private static byte[] key(Ip ip) {
        if (ip.family() == Family.IPV6) {
            return ip.bytes();
        }
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(ip.bytes(), 0, mapped, 12, 4);
        return mapped;
    }

    private static byte[] value(TagEntry tag) {
        return ByteBuffer.allocate(TrunkProgram.VALUE_BYTES)
                .order(ByteOrder.nativeOrder())
                .putShort((short) tag.vlan())
                .put(tag.mac().bytes())
                .array();
    }

    private static TagEntry entry(String link, Ip ip, byte[] value) {
        int vlan = ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getShort() & 0xffff;
        return new TagEntry(link, ip, vlan, Mac.of(Arrays.copyOfRange(value, 2, 8)));
    }
}
