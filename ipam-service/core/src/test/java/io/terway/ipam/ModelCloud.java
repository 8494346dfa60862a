package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A model of eni-manager and the cloud behind it: hands out addresses of one vSwitch, checks who takes what off. */
final class ModelCloud {

    static final VSwitchId VSWITCH = new VSwitchId("vsw-h");
    static final SecurityGroupId POOL_GROUP = new SecurityGroupId("sg-pool");
    static final List<Cidr> SUBNETS = List.of(Cidr.parse("10.0.64.0/20"), Cidr.parse("2001:db8:1::/64"));

    final Deque<Ip> free = new ArrayDeque<>();
    final Deque<Ip> freeIpv6 = new ArrayDeque<>();
    final Deque<Cidr> freePrefixes = new ArrayDeque<>();
    final Deque<Cidr> freePrefixesIpv6 = new ArrayDeque<>();
    final Map<InstanceId, Map<EniId, CloudEni>> enis = new HashMap<>();
    final Map<Cidr, InstanceId> routes = new TreeMap<>();
    /** Kept for their pods. */
    final Map<EniId, CloudEni> detached = new HashMap<>();
    /** Instances that are no more. */
    final Set<InstanceId> released = new HashSet<>();

    /** Groups that do not exist. */
    Set<SecurityGroupId> noSuchGroup = Set.of();

    InstanceLimits limits = new InstanceLimits(4, 15, 15, 10, true);
    int routeQuota = Integer.MAX_VALUE;
    /** Calls that changed something, by their name. */
    final Map<String, Integer> calls = new TreeMap<>();

    private int lastEni;

    ModelCloud(int addresses) {
        for (int i = 0; i < addresses; i++) {
            free.add(Ip.ofIpv4(0x0a004001 + i));
            freeIpv6.add(Ip.parse("2001:db8:1::1").plus(i));
        }
        for (int i = 0; i < addresses / 16; i++) {
            freePrefixes.add(new Cidr(Ip.ofIpv4(0x0a008000 + 16 * i), 28));
            freePrefixesIpv6.add(Cidr.parse("2001:db8:1:0:" + Integer.toHexString(i + 1) + "::/80"));
        }
    }

    OperationResult run(PoolCommand command) {
        calls.merge(command.getClass().getSimpleName(), 1, Integer::sum);
        Map<EniId, CloudEni> mine = enis.computeIfAbsent(command.instance(), _ -> new HashMap<>());
        return switch (command) {
            case PoolCommand.CreateEni create -> create(mine, create);
            case PoolCommand.AssignAddresses assign -> assign(mine, assign);
            case PoolCommand.UnassignAddresses unassign -> unassign(mine, unassign);
            case PoolCommand.DeleteEni delete -> {
                CloudEni gone =
                        mine.containsKey(delete.eni()) ? mine.remove(delete.eni()) : detached.remove(delete.eni());
                if (gone != null) {
                    giveBack(gone);
                }
                yield new OperationResult.Removed();
            }
            case PoolCommand.DetachEni detach -> {
                if (mine.containsKey(detach.eni())) {
                    detached.put(detach.eni(), mine.remove(detach.eni()));
                }
                yield detached.containsKey(detach.eni())
                        ? new OperationResult.Removed()
                        : failed(FailureClass.NOT_FOUND, "InvalidEniId.NotFound: " + detach.eni());
            }
            case PoolCommand.AttachEni attach -> attach(mine, attach);
            case PoolCommand.ModifyEni modify -> modify(mine, modify);
            case PoolCommand.PutRoute put -> {
                if (!routes.containsKey(put.cidr()) && routes.size() >= routeQuota) {
                    yield failed(FailureClass.QUOTA, "QuotaExceeded.RouteEntry: " + routeQuota + " entries");
                }
                routes.put(put.cidr(), put.instance());
                yield new OperationResult.Changed();
            }
            case PoolCommand.DeleteRoute delete -> {
                routes.remove(delete.cidr(), delete.instance());
                yield new OperationResult.Removed();
            }
        };
    }

    /** The machine is no more: shared ENIs go with it, those with one address of their own are left over. */
    void release(InstanceId instance) {
        released.add(instance);
        enis.getOrDefault(instance, Map.of()).values().forEach(eni -> {
            if (eni.addresses().isEmpty() && eni.prefixes().isEmpty()) {
                detached.put(eni.id(), eni);
            } else {
                giveBack(eni);
            }
        });
        enis.remove(instance);
    }

    private OperationResult attach(Map<EniId, CloudEni> mine, PoolCommand.AttachEni attach) {
        CloudEni eni = detached.get(attach.eni());
        if (eni == null) {
            boolean inUse = enis.values().stream().anyMatch(of -> of.containsKey(attach.eni()));
            return inUse
                    ? failed(FailureClass.CONFLICT, "AttachedElsewhere: " + attach.eni())
                    : failed(FailureClass.NOT_FOUND, "InvalidEniId.NotFound: " + attach.eni());
        }
        boolean member = attach.attachment() == Attachment.TRUNK_MEMBER;
        long taken = mine.values().stream()
                .filter(other -> (other.use() == CloudEni.Use.MEMBER) == member)
                .count();
        if (taken >= (member ? limits.members() : limits.enis() - 1)) {
            return failed(FailureClass.QUOTA, "EniPerInstanceLimitExceeded");
        }
        detached.remove(attach.eni());
        CloudEni.Use use = member ? CloudEni.Use.MEMBER : CloudEni.Use.SECONDARY;
        CloudEni there = new CloudEni(
                eni.id(),
                eni.mac(),
                eni.vSwitch(),
                eni.subnets(),
                eni.own(),
                eni.ownIpv6(),
                eni.addresses(),
                eni.prefixes(),
                CloudEni.Phase.IN_USE,
                use,
                true,
                eni.groups(),
                member ? 500 : 0,
                attach.trunk());
        mine.put(eni.id(), there);
        return new OperationResult.EniCreated(there);
    }

    private OperationResult create(Map<EniId, CloudEni> mine, PoolCommand.CreateEni create) {
        PoolCommand.Counts counts = create.counts();
        if (!has(counts, 1)) {
            return exhausted(counts, 1);
        }
        if (create.groups().stream().anyMatch(noSuchGroup::contains)) {
            return failed(FailureClass.NOT_FOUND, "InvalidSecurityGroupId.NotFound: " + create.groups());
        }
        CloudEni.Use use = switch (create.purpose()) {
            case SHARED, EXCLUSIVE -> CloudEni.Use.SECONDARY;
            case TRUNK -> CloudEni.Use.TRUNK;
            case MEMBER -> CloudEni.Use.MEMBER;
        };
        EniId id = new EniId("eni-" + ++lastEni);
        Ip own = free.remove();
        Optional<Ip> ownIpv6 = counts.ipv6() > 0 ? Optional.of(freeIpv6.remove()) : Optional.empty();
        List<Ip> more = take(free, counts.ipv4());
        more.addAll(take(freeIpv6, Math.max(0, counts.ipv6() - 1)));
        List<Cidr> prefixes = take(freePrefixes, counts.ipv4Prefixes());
        prefixes.addAll(take(freePrefixesIpv6, counts.ipv6Prefixes()));
        CloudEni eni = new CloudEni(
                id,
                new Mac(lastEni),
                VSWITCH,
                SUBNETS,
                Optional.of(own),
                ownIpv6,
                more,
                prefixes,
                CloudEni.Phase.IN_USE,
                use,
                true,
                create.groups().isEmpty() ? List.of(POOL_GROUP) : create.groups(),
                use == CloudEni.Use.MEMBER ? 100 + lastEni : 0,
                create.trunk());
        mine.put(id, eni);
        return new OperationResult.EniCreated(eni);
    }

    private boolean has(PoolCommand.Counts counts, int own) {
        return free.size() >= counts.ipv4() + own
                && freeIpv6.size() >= counts.ipv6()
                && freePrefixes.size() >= counts.ipv4Prefixes()
                && freePrefixesIpv6.size() >= counts.ipv6Prefixes();
    }

    private OperationResult assign(Map<EniId, CloudEni> mine, PoolCommand.AssignAddresses assign) {
        PoolCommand.Counts counts = assign.counts();
        if (!has(counts, 0)) {
            return exhausted(counts, 0);
        }
        CloudEni eni = mine.get(assign.eni());
        for (Ip ip : assign.addresses()) {
            if (!free.remove(ip) && !freeIpv6.remove(ip)) {
                return failed(FailureClass.CONFLICT, "InvalidIp.Address: " + ip + " is in use");
            }
        }
        List<Ip> added = take(free, counts.ipv4());
        added.addAll(take(freeIpv6, counts.ipv6()));
        added.addAll(assign.addresses());
        List<Cidr> prefixes = take(freePrefixes, counts.ipv4Prefixes());
        prefixes.addAll(take(freePrefixesIpv6, counts.ipv6Prefixes()));
        List<Ip> all = new ArrayList<>(eni.addresses());
        all.addAll(added);
        List<Cidr> blocks = new ArrayList<>(eni.prefixes());
        blocks.addAll(prefixes);
        mine.put(eni.id(), with(eni, all, blocks, eni.groups()));
        return new OperationResult.Assigned(added, prefixes);
    }

    private OperationResult unassign(Map<EniId, CloudEni> mine, PoolCommand.UnassignAddresses unassign) {
        CloudEni eni = mine.get(unassign.eni());
        List<Ip> left = new ArrayList<>(eni.addresses());
        left.removeAll(unassign.addresses());
        List<Cidr> blocks = new ArrayList<>(eni.prefixes());
        blocks.removeAll(unassign.prefixes());
        unassign.addresses().forEach(this::giveBack);
        unassign.prefixes().forEach(this::giveBack);
        mine.put(eni.id(), with(eni, left, blocks, eni.groups()));
        return new OperationResult.Removed();
    }

    private OperationResult modify(Map<EniId, CloudEni> mine, PoolCommand.ModifyEni modify) {
        if (modify.groups().stream().anyMatch(noSuchGroup::contains)) {
            return failed(FailureClass.NOT_FOUND, "InvalidSecurityGroupId.NotFound: " + modify.groups());
        }
        CloudEni eni = mine.get(modify.eni());
        mine.put(eni.id(), with(eni, eni.addresses(), eni.prefixes(), modify.groups()));
        return new OperationResult.Changed();
    }

    private void giveBack(CloudEni eni) {
        eni.all().forEach(this::giveBack);
        eni.prefixes().forEach(this::giveBack);
    }

    private void giveBack(Ip ip) {
        (ip.family() == Family.IPV4 ? free : freeIpv6).add(ip);
    }

    private void giveBack(Cidr prefix) {
        (prefix.family() == Family.IPV4 ? freePrefixes : freePrefixesIpv6).add(prefix);
    }

    private static <T> List<T> take(Deque<T> from, int count) {
        List<T> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(from.remove());
        }
        return taken;
    }

    private OperationResult exhausted(PoolCommand.Counts counts, int own) {
        boolean ipv6 = free.size() >= counts.ipv4() + own && freeIpv6.size() < counts.ipv6();
        return failed(FailureClass.V_SWITCH_EXHAUSTED, "vsw-h has too few " + (ipv6 ? "IPv6" : "IPv4") + " addresses");
    }

    private static OperationResult failed(FailureClass why, String message) {
        return new OperationResult.Failed(why, message, Duration.ZERO);
    }

    private static CloudEni with(CloudEni eni, List<Ip> addresses, List<Cidr> prefixes, List<SecurityGroupId> groups) {
        return new CloudEni(
                eni.id(),
                eni.mac(),
                eni.vSwitch(),
                eni.subnets(),
                eni.own(),
                eni.ownIpv6(),
                addresses,
                prefixes,
                eni.phase(),
                eni.use(),
                eni.ours(),
                groups,
                eni.vlan(),
                eni.trunk());
    }

    CloudInstance describe(InstanceId id) {
        List<CloudEni> all = new ArrayList<>();
        all.add(new CloudEni(
                new EniId("eni-primary-" + id),
                new Mac(id.hashCode() & 0xffff),
                VSWITCH,
                List.of(Cidr.parse("10.0.0.0/24")),
                Optional.of(Ip.parse("10.0.0.1")),
                List.of(),
                CloudEni.Phase.IN_USE,
                CloudEni.Use.PRIMARY,
                false));
        all.addAll(enis.getOrDefault(id, Map.of()).values());
        return new CloudInstance(
                id,
                new InstanceType("ecs.g7.xlarge"),
                new ZoneId("cn-hangzhou-h"),
                released.contains(id),
                limits,
                all,
                Optional.of(VSWITCH),
                List.of(POOL_GROUP));
    }

    int assigned(Family family) {
        int sum = 0;
        for (Map<EniId, CloudEni> mine : enis.values()) {
            for (CloudEni eni : mine.values()) {
                sum += (int)
                        eni.all().stream().filter(ip -> ip.family() == family).count();
            }
        }
        return sum;
    }
}
