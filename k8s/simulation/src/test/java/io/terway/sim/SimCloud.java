package io.terway.sim;

import io.terway.eni.Attachment;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.EniOrder;
import io.terway.eni.EniStatus;
import io.terway.eni.EniType;
import io.terway.eni.NetworkInterface;
import io.terway.eni.Seat;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The cloud: ENIs, vSwitches with few addresses, client tokens, describes that lag behind. */
final class SimCloud {

    private static final int LAG = 1000;
    private static final CloudResult<Boolean> DONE = CloudResult.ok(true);

    private final Agenda agenda;
    private final Weather weather;
    private final Truth truth;
    private final Shape shape;
    private final Map<EniId, Eni> enis = new LinkedHashMap<>();
    private final Map<InstanceId, SimNode> instances = new HashMap<>();
    private final Map<VSwitchId, Deque<Ip>> free = new LinkedHashMap<>();
    /** Addresses that vSwitches have in calm only: what a person adds when pods wait for want of them. */
    private final Map<VSwitchId, Deque<Ip>> reserve = new HashMap<>();

    /** IPv6 addresses do not run out. */
    private final Map<VSwitchId, Deque<Ip>> freeIpv6 = new HashMap<>();

    private final int addressesEach;
    private boolean relieved;
    private final Map<String, List<Ip>> tokens = new HashMap<>();
    private final Map<String, EniId> created = new HashMap<>();
    private int lastEni;

    private static final class Eni {
        final EniId id;
        final VSwitchId vSwitch;
        final Ip own;
        final String operation;
        final EniType type;
        final int vlan;
        Optional<EniId> trunk = Optional.empty();
        final Set<Ip> addresses = new LinkedHashSet<>();
        EniStatus status = EniStatus.AVAILABLE;
        Optional<InstanceId> instance = Optional.empty();
        Optional<NetworkInterface> before = Optional.empty();
        long changedAt;
        boolean gone;

        Eni(EniId id, EniType type, int vlan, VSwitchId vSwitch, Ip own, String operation) {
            this.id = id;
            this.type = type;
            this.vlan = vlan;
            this.vSwitch = vSwitch;
            this.own = own;
            this.operation = operation;
        }

        NetworkInterface shown() {
            return new NetworkInterface(
                    id,
                    type,
                    status,
                    mac(),
                    vSwitch,
                    zoneOf(vSwitch),
                    own,
                    List.copyOf(addresses),
                    List.of(),
                    List.of(),
                    attachment(),
                    Map.of("operation", operation),
                    Instant.EPOCH);
        }

        Attachment attachment() {
            return instance.map(on -> trunk.<Attachment>map(it -> new Attachment.OnTrunk(on, it, vlan))
                            .orElseGet(() -> new Attachment.OnInstance(on)))
                    .orElseGet(Attachment.Detached::new);
        }

        long count(Family family) {
            return addresses.stream().filter(ip -> ip.family() == family).count() + (family == Family.IPV4 ? 1 : 0);
        }

        Mac mac() {
            return new Mac(Long.parseLong(id.value().substring(4)));
        }
    }

    SimCloud(Agenda agenda, Weather weather, Truth truth, Shape shape, int vSwitchesPerZone, int addressesEach) {
        this.shape = shape;
        this.agenda = agenda;
        this.weather = weather;
        this.truth = truth;
        this.addressesEach = addressesEach;
        for (int zone = 0; zone < 2; zone++) {
            for (int i = 0; i < vSwitchesPerZone; i++) {
                Deque<Ip> pool = new ArrayDeque<>();
                int block = 0x0a000000 + (free.size() << 8);
                for (int host = 1; host <= addressesEach; host++) {
                    pool.add(Ip.ofIpv4(block + host));
                }
                Deque<Ip> more = new ArrayDeque<>();
                for (int host = addressesEach + 1; host <= 2 * addressesEach; host++) {
                    more.add(Ip.ofIpv4(block + host));
                }
                VSwitchId id = new VSwitchId("vsw-" + zone + "-" + i);
                free.put(id, pool);
                reserve.put(id, more);
                Deque<Ip> ipv6 = new ArrayDeque<>();
                Ip first = Ip.parse("2001:db8:" + free.size() + "::1");
                for (int host = 0; host < 8 * addressesEach; host++) {
                    ipv6.add(first.plus(host));
                }
                freeIpv6.put(id, ipv6);
            }
        }
    }

    static ZoneId zoneOf(VSwitchId vSwitch) {
        return new ZoneId("zone-" + vSwitch.value().charAt(4));
    }

    List<VSwitchId> vSwitches(ZoneId zone) {
        return free.keySet().stream().filter(id -> zoneOf(id).equals(zone)).toList();
    }

    void launch(InstanceId id, SimNode node) {
        instances.put(id, node);
    }

    boolean exists(InstanceId id) {
        return instances.containsKey(id);
    }

    /** The instance goes with all its ENIs. Their addresses come back into use late, as the cloud's do. */
    void release(InstanceId id) {
        instances.remove(id);
        for (Eni eni : List.copyOf(enis.values())) {
            if (eni.instance.equals(Optional.of(id))) {
                changing(eni);
                eni.gone = true;
                enis.remove(eni.id);
                agenda.after(60_000, () -> giveBack(eni));
            }
        }
    }

    private void giveBack(Eni eni) {
        giveBack(eni.vSwitch, List.of(eni.own));
        giveBack(eni.vSwitch, eni.addresses);
    }

    private void giveBack(VSwitchId vSwitch, Collection<Ip> addresses) {
        for (Ip ip : addresses) {
            if (ip.family() == Family.IPV6) {
                freeIpv6.get(vSwitch).add(ip);
            } else {
                (relieved || !isExtra(ip) ? free : reserve).get(vSwitch).add(ip);
            }
        }
    }

    private boolean isExtra(Ip ip) {
        return (ip.bytes()[3] & 0xff) > addressesEach;
    }

    /** There is enough for every node, on whichever vSwitches its ENIs are. */
    void relieve() {
        relieved = true;
        free.forEach((id, pool) -> {
            pool.addAll(reserve.get(id));
            reserve.get(id).clear();
        });
    }

    /** vSwitches can run out again. */
    void tighten() {
        relieved = false;
        free.forEach(
                (id, pool) -> pool.removeIf(ip -> isExtra(ip) && reserve.get(id).add(ip)));
    }

    private void changing(Eni eni) {
        eni.before = Optional.of(eni.shown());
        eni.changedAt = agenda.now();
    }

    CloudResult<NetworkInterface> create(EniOrder order, VSwitchId vSwitch, String token) {
        EniId known = created.get(token);
        if (known != null && enis.containsKey(known)) {
            return CloudResult.ok(enis.get(known).shown());
        }
        Deque<Ip> pool = free.get(vSwitch);
        if (pool.size() < order.counts().ipv4() + 1) {
            return CloudResult.failed(new CloudFailure.VSwitchExhausted("IpNotEnough", vSwitch + " is exhausted"));
        }
        String operation = order.operation().value();
        boolean twice =
                enis.values().stream().anyMatch(eni -> wish(eni.operation).equals(wish(operation)));
        if (twice) {
            throw new Broken(5, "operation " + operation + " made two ENIs");
        }
        int number = ++lastEni;
        int vlan = order.type() == EniType.MEMBER ? 1 + number % 4000 : 0;
        Eni eni = new Eni(new EniId("eni-" + number), order.type(), vlan, vSwitch, pool.remove(), operation);
        take(pool, order.counts().ipv4(), eni);
        take(freeIpv6.get(vSwitch), order.counts().ipv6(), eni);
        eni.changedAt = agenda.now();
        enis.put(eni.id, eni);
        created.put(token, eni.id);
        return CloudResult.ok(eni.shown());
    }

    /** Term and number of the leader's order, whatever id it was sent under. */
    private static String wish(String operation) {
        String[] parts = operation.split("-");
        return parts[1] + "-" + parts[2];
    }

    private static List<Ip> take(Deque<Ip> pool, int count, Eni eni) {
        List<Ip> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(pool.remove());
        }
        eni.addresses.addAll(taken);
        return taken;
    }

    CloudResult<Boolean> attach(EniId id, Seat seat) {
        Eni eni = enis.get(id);
        InstanceId instance = seat.instance();
        Optional<EniId> trunk = seat instanceof Seat.OnTrunk on ? Optional.of(on.trunk()) : Optional.empty();
        if (eni == null || !instances.containsKey(instance) || !trunk.stream().allMatch(enis::containsKey)) {
            return notFound(id);
        }
        if (eni.status != EniStatus.AVAILABLE) {
            return wrongState(eni);
        }
        long attached = enis.values().stream()
                .filter(other ->
                        other.instance.equals(Optional.of(instance)) && other.trunk.isPresent() == trunk.isPresent())
                .count();
        if (attached >= (trunk.isPresent() ? Shape.MEMBERS : shape.secondaries())) {
            return CloudResult.failed(
                    new CloudFailure.QuotaReached(CloudFailure.Scope.INSTANCE, "EniLimit", instance + " is full"));
        }
        changing(eni);
        eni.status = EniStatus.ATTACHING;
        eni.instance = Optional.of(instance);
        eni.trunk = trunk;
        agenda.after(weather.between(500, 4000), () -> settle(eni, EniStatus.ATTACHING, EniStatus.IN_USE));
        return DONE;
    }

    private void settle(Eni eni, EniStatus from, EniStatus to) {
        if (eni.status == from && !eni.gone) {
            changing(eni);
            eni.status = to;
            if (to == EniStatus.AVAILABLE) {
                eni.instance = Optional.empty();
                eni.trunk = Optional.empty();
            }
        }
    }

    CloudResult<Boolean> detach(EniId id) {
        Eni eni = enis.get(id);
        if (eni == null) {
            return notFound(id);
        }
        if (eni.status != EniStatus.IN_USE) {
            return wrongState(eni);
        }
        SimNode node = instances.get(eni.instance.orElseThrow());
        truth.leaves(eni.own, node);
        eni.addresses.forEach(ip -> truth.leaves(ip, node));
        changing(eni);
        eni.status = EniStatus.DETACHING;
        agenda.after(weather.between(300, 3000), () -> settle(eni, EniStatus.DETACHING, EniStatus.AVAILABLE));
        return DONE;
    }

    CloudResult<Boolean> delete(EniId id) {
        Eni eni = enis.get(id);
        if (eni == null) {
            return notFound(id);
        }
        if (eni.status != EniStatus.AVAILABLE) {
            return wrongState(eni);
        }
        changing(eni);
        eni.gone = true;
        enis.remove(id);
        giveBack(eni);
        return DONE;
    }

    CloudResult<List<Ip>> assign(EniId id, Family family, int count, String token) {
        Eni eni = enis.get(id);
        if (eni == null) {
            return CloudResult.failed(new CloudFailure.NotFound("NotFound", id + " does not exist"));
        }
        List<Ip> before = tokens.get(token);
        if (before != null) {
            return CloudResult.ok(before);
        }
        Deque<Ip> pool = (family == Family.IPV4 ? free : freeIpv6).get(eni.vSwitch);
        if (eni.count(family) + count > Shape.ADDRESSES_PER_ENI) {
            return CloudResult.failed(
                    new CloudFailure.QuotaReached(CloudFailure.Scope.ENI, "IpLimit", id + " is full"));
        }
        if (pool.size() < count) {
            return CloudResult.failed(new CloudFailure.VSwitchExhausted("IpNotEnough", eni.vSwitch + " is exhausted"));
        }
        changing(eni);
        List<Ip> taken = take(pool, count, eni);
        tokens.put(token, taken);
        return CloudResult.ok(taken);
    }

    CloudResult<Boolean> unassign(EniId id, Collection<Ip> addresses) {
        Eni eni = enis.get(id);
        if (eni == null || !eni.addresses.containsAll(addresses)) {
            return notFound(id);
        }
        SimNode node = eni.instance.map(instances::get).orElse(null);
        addresses.forEach(ip -> truth.leaves(ip, node));
        changing(eni);
        eni.addresses.removeAll(addresses);
        giveBack(eni.vSwitch, addresses);
        return DONE;
    }

    /** An ENI as a describe shows it: within the lag perhaps as it was. */
    Optional<NetworkInterface> look(EniId id) {
        return Optional.ofNullable(enis.get(id)).flatMap(this::seen);
    }

    Optional<NetworkInterface> find(String operation) {
        return enis.values().stream()
                .filter(eni -> eni.operation.equals(operation))
                .findFirst()
                .flatMap(this::seen);
    }

    List<NetworkInterface> of(InstanceId instance) {
        List<NetworkInterface> seen = new ArrayList<>();
        if (instances.containsKey(instance)) {
            seen.add(primary(instance));
        }
        for (Eni eni : enis.values()) {
            seen(eni)
                    .filter(shown -> shown.attachment().instance().equals(Optional.of(instance)))
                    .ifPresent(seen::add);
        }
        return seen;
    }

    /** The ENI an instance is born with: none of ours, and it takes one place. */
    private NetworkInterface primary(InstanceId instance) {
        SimNode node = instances.get(instance);
        return new NetworkInterface(
                new EniId("eni-of-" + instance),
                EniType.PRIMARY,
                EniStatus.IN_USE,
                new Mac(1L << 40 | instance.hashCode() & 0xffff_ffffL),
                vSwitches(node.zone()).getFirst(),
                node.zone(),
                Ip.parse("10.0.255.1"),
                List.of(),
                List.of(),
                List.of(),
                new Attachment.OnInstance(instance),
                Map.of(),
                Instant.EPOCH);
    }

    private Optional<NetworkInterface> seen(Eni eni) {
        boolean stale = agenda.now() - eni.changedAt < LAG && weather.strikes(0.3);
        return stale ? eni.before : Optional.of(eni.shown());
    }

    /** True when packets with this address may leave the instance now. */
    boolean carries(InstanceId instance, EniId id, Ip ip) {
        Eni eni = enis.get(id);
        return eni != null
                && eni.status == EniStatus.IN_USE
                && eni.instance.equals(Optional.of(instance))
                && (eni.own.equals(ip) || eni.addresses.contains(ip));
    }

    /** True when the instance has a link for this ENI. */
    boolean plugged(InstanceId instance, EniId id) {
        Eni eni = enis.get(id);
        return eni != null && eni.status == EniStatus.IN_USE && eni.instance.equals(Optional.of(instance));
    }

    /** ENIs on no instance. */
    List<EniId> adrift() {
        return enis.values().stream()
                .filter(eni -> eni.instance.isEmpty())
                .map(eni -> eni.id)
                .toList();
    }

    /** All addresses of an instance's ENIs that pods can have. */
    Set<Ip> addresses(InstanceId instance) {
        Set<Ip> all = new LinkedHashSet<>();
        enis.values().stream()
                .filter(eni -> eni.instance.equals(Optional.of(instance)) && eni.type != EniType.TRUNK)
                .forEach(eni -> {
                    all.add(eni.own);
                    all.addAll(eni.addresses);
                });
        return all;
    }

    /** Rule 13, as eni-manager does it: Available, ours, old, and seen so twice. */
    void collect() {
        for (Eni eni : List.copyOf(enis.values())) {
            if (eni.status == EniStatus.AVAILABLE && agenda.now() - eni.changedAt > 400_000) {
                delete(eni.id);
            }
        }
    }

    /** Tokens live for a day in the real cloud; here no repeat comes after an hour. */
    void forgetTokens() {
        tokens.clear();
        created.clear();
    }

    private static <T> CloudResult<T> notFound(EniId id) {
        return CloudResult.failed(new CloudFailure.NotFound("NotFound", id + " or what is on it does not exist"));
    }

    private static <T> CloudResult<T> wrongState(Eni eni) {
        return CloudResult.failed(new CloudFailure.WrongState("IncorrectStatus", eni.id + " is " + eni.status));
    }
}
