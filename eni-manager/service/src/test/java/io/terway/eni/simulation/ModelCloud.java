package io.terway.eni.simulation;

import io.terway.eni.Action;
import io.terway.eni.Added;
import io.terway.eni.AssignCall;
import io.terway.eni.Attachment;
import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.ComputeInstance;
import io.terway.eni.CreateCall;
import io.terway.eni.EniPage;
import io.terway.eni.EniQuery;
import io.terway.eni.EniStatus;
import io.terway.eni.EniType;
import io.terway.eni.InstanceLimits;
import io.terway.eni.NetworkInterface;
import io.terway.eni.Seat;
import io.terway.eni.UnassignCall;
import io.terway.eni.VSwitch;
import io.terway.eni.VpcId;
import io.terway.eni.time.Time;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A cloud of ENIs in memory, on virtual time: asynchronous attach, detach and delete, client tokens, describes that lag up
 * to a second, vSwitches that run dry. While {@link #faultsUntil} has not come, calls are throttled, fail, hang, lose their
 * answers and get stuck, as the seed decides.
 */
final class ModelCloud implements Cloud {

    static final InstanceType TYPE = new InstanceType("ecs.g7.xlarge");
    static final InstanceLimits LIMITS = new InstanceLimits(TYPE, 4, 15, 15, 6, true);
    static final List<VSwitchId> V_SWITCHES = List.of(new VSwitchId("vsw-1"), new VSwitchId("vsw-2"));
    private static final ZoneId ZONE = new ZoneId("z");
    private static final VpcId VPC = new VpcId("vpc-1");
    private static final Duration LAG = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(8);

    /** How the cloud behaves while it is ill. */
    enum Illness {
        THROTTLING,
        ERRORS,
        HANGS,
        LOST_ANSWERS,
        STUCK,
        EXHAUSTED,
        EVERYTHING
    }

    private record Snapshot(long at, List<NetworkInterface> enis) {}

    private static final class Eni {
        private NetworkInterface shown;
        private EniStatus goal;
        private Seat seat;
        private long due;

        Eni(NetworkInterface shown) {
            this.shown = shown;
            goal = shown.status();
        }
    }

    private final VirtualTime clock;
    private final Random random;
    private final Illness illness;
    private final Map<EniId, Eni> enis = new TreeMap<>(Comparator.comparing(EniId::value));
    private final Map<String, Object> tokens = new HashMap<>();
    private final Map<VSwitchId, TreeSet<Integer>> free = new HashMap<>();
    private final List<Snapshot> past = new ArrayList<>();
    final Map<Action, List<Long>> calls = new EnumMap<>(Action.class);
    private int made;
    long faultsUntil;

    ModelCloud(VirtualTime clock, Illness illness) {
        this.clock = clock;
        this.random = clock.random();
        this.illness = illness;
        for (VSwitchId id : V_SWITCHES) {
            free.put(
                    id,
                    new TreeSet<>(IntStream.range(1, illness == Illness.EXHAUSTED ? 40 : 4_000)
                            .boxed()
                            .toList()));
        }
        remember(clock.now());
    }

    /** Everything there is, as it is. */
    List<NetworkInterface> truth() {
        settle();
        return enis.values().stream().map(eni -> eni.shown).toList();
    }

    private <T> CloudResult<T> call(Action action, Supplier<CloudResult<T>> effect) {
        Time process = clock.current();
        calls.computeIfAbsent(action, _ -> new ArrayList<>()).add(clock.now());
        Fault fault = fault(action);
        process.sleep(Duration.ofMillis(20 + random.nextInt(200)));
        return switch (fault) {
            case NONE -> after(process, effect);
            case THROTTLED -> CloudResult.failed(CloudFailure.of("Throttling.User", "slow down"));
            case ERROR -> CloudResult.failed(CloudFailure.of("InternalError", "try again"));
            case NEVER_ARRIVED -> {
                process.sleep(ANSWER);
                yield CloudResult.failed(CloudFailure.of("SDK.ReadTimeout", "no answer"));
            }
            case ANSWER_LOST -> {
                settle();
                effect.get();
                remember(clock.now());
                process.sleep(ANSWER);
                yield CloudResult.failed(CloudFailure.of("SDK.ReadTimeout", "no answer"));
            }
        };
    }

    private <T> CloudResult<T> after(Time process, Supplier<CloudResult<T>> effect) {
        settle();
        CloudResult<T> result = effect.get();
        remember(clock.now());
        process.sleep(Duration.ofMillis(10 + random.nextInt(100)));
        return result;
    }

    private enum Fault {
        NONE,
        THROTTLED,
        ERROR,
        NEVER_ARRIVED,
        ANSWER_LOST
    }

    private Fault fault(Action action) {
        if (clock.now() >= faultsUntil || random.nextInt(3) == 0) {
            return Fault.NONE;
        }
        return switch (illness) {
            case THROTTLING -> Fault.THROTTLED;
            case ERRORS -> Fault.ERROR;
            case HANGS -> Fault.NEVER_ARRIVED;
            case LOST_ANSWERS -> action.mutating() ? Fault.ANSWER_LOST : Fault.NONE;
            case STUCK, EXHAUSTED -> Fault.NONE;
            case EVERYTHING -> Fault.values()[random.nextInt(Fault.values().length)];
        };
    }

    /** Lets what is due happen, at the time it was due. */
    private void settle() {
        Optional<Eni> next = firstDue();
        while (next.isPresent()) {
            Eni eni = next.get();
            if (eni.goal == EniStatus.FAILED) {
                eni.shown.addresses().forEach(ip -> release(eni.shown.vSwitch(), ip));
                release(eni.shown.vSwitch(), eni.shown.primaryAddress());
                enis.remove(eni.shown.id());
            } else {
                show(eni, eni.goal);
            }
            remember(eni.due);
            next = firstDue();
        }
    }

    private Optional<Eni> firstDue() {
        return enis.values().stream()
                .filter(eni -> eni.goal != eni.shown.status() && eni.due <= clock.now())
                .min(Comparator.comparingLong(eni -> eni.due));
    }

    /** Every read is up to {@link #LAG} old; what is older than that is forgotten. */
    private void remember(long at) {
        past.add(new Snapshot(at, enis.values().stream().map(eni -> eni.shown).toList()));
        while (past.size() > 1 && past.get(1).at() < clock.now() - LAG.toNanos()) {
            past.removeFirst();
        }
    }

    private List<NetworkInterface> seen() {
        long at = clock.now() - random.nextLong(LAG.toNanos());
        return past.reversed().stream()
                .filter(snapshot -> snapshot.at() <= at)
                .findFirst()
                .orElse(past.getFirst())
                .enis();
    }

    private void show(Eni eni, EniStatus status) {
        NetworkInterface was = eni.shown;
        Attachment attachment = switch (status) {
            case IN_USE, ATTACHING, DETACHING -> new Attachment.OnInstance(eni.seat.instance());
            case AVAILABLE, CREATING, DELETING, FAILED -> new Attachment.Detached();
        };
        eni.shown = new NetworkInterface(
                was.id(),
                was.type(),
                status,
                was.mac(),
                was.vSwitch(),
                was.zone(),
                was.primaryAddress(),
                was.addresses(),
                was.prefixes(),
                was.groups(),
                attachment,
                was.tags(),
                was.created());
    }

    private CloudResult<Done> begin(Eni eni, EniStatus passing, EniStatus goal, Duration takes) {
        boolean stuck = illness == Illness.STUCK && clock.now() < faultsUntil && random.nextInt(2) == 0;
        show(eni, passing);
        eni.goal = goal;
        eni.due = stuck ? faultsUntil : clock.now() + takes.toNanos();
        return CloudResult.ok(Done.DONE);
    }

    private static <T> CloudResult<T> refuse(String code) {
        return CloudResult.failed(CloudFailure.of(code, "by the model"));
    }

    private Ip take(VSwitchId vSwitch) {
        int host = free.get(vSwitch).pollFirst();
        return Ip.parse("10." + (1 + V_SWITCHES.indexOf(vSwitch)) + "." + host / 250 + "." + host % 250);
    }

    private void release(VSwitchId vSwitch, Ip ip) {
        String[] parts = ip.toString().split("\\.");
        free.get(vSwitch).add(Integer.parseInt(parts[2]) * 250 + Integer.parseInt(parts[3]));
    }

    @SuppressWarnings("unchecked")
    private <T> CloudResult<T> once(String token, Supplier<CloudResult<T>> work) {
        Object before = tokens.get(token);
        if (before != null) {
            return CloudResult.ok((T) before);
        }
        CloudResult<T> result = work.get();
        if (result instanceof CloudResult.Ok<T>(T value)) {
            tokens.put(token, value);
        }
        return result;
    }

    @Override
    public CloudResult<NetworkInterface> create(CreateCall call) {
        return call(
                Action.CREATE_NETWORK_INTERFACE,
                () -> once(call.clientToken(), () -> {
                    if (free.get(call.vSwitch()).size() < 1 + call.counts().ipv4()) {
                        return refuse("InvalidVSwitchId.IpNotEnough");
                    }
                    String id = "eni-" + (1_000 + made++);
                    List<Ip> more = IntStream.range(0, call.counts().ipv4())
                            .mapToObj(_ -> take(call.vSwitch()))
                            .toList();
                    NetworkInterface eni = new NetworkInterface(
                            new EniId(id),
                            call.type(),
                            EniStatus.AVAILABLE,
                            Mac.parse("00:16:3e:00:%02x:%02x".formatted(made / 256, made % 256)),
                            call.vSwitch(),
                            ZONE,
                            take(call.vSwitch()),
                            more,
                            List.of(),
                            call.groups(),
                            new Attachment.Detached(),
                            call.tags(),
                            clock.current().now());
                    enis.put(eni.id(), new Eni(eni));
                    return CloudResult.ok(eni);
                }));
    }

    private CloudResult<Done> on(EniId id, Function<Eni, CloudResult<Done>> work) {
        Eni eni = enis.get(id);
        return eni == null ? refuse("InvalidEniId.NotFound") : work.apply(eni);
    }

    @Override
    public CloudResult<Done> attach(EniId id, Seat seat) {
        return call(
                Action.ATTACH_NETWORK_INTERFACE,
                () -> on(id, eni -> {
                    boolean again = eni.shown.status() == EniStatus.ATTACHING && seat.equals(eni.seat);
                    if (eni.shown.status() != EniStatus.AVAILABLE && !again) {
                        return refuse("InvalidOperation.InvalidEniState");
                    }
                    long there = enis.values().stream()
                            .filter(other -> other != eni
                                    && seat.equals(other.seat)
                                    && other.shown.attachment().instance().isPresent())
                            .count();
                    if (there >= LIMITS.enis() - 1) {
                        return refuse("EniPerInstanceLimitExceeded");
                    }
                    eni.seat = seat;
                    return begin(
                            eni,
                            EniStatus.ATTACHING,
                            EniStatus.IN_USE,
                            Duration.ofMillis(1_500 + random.nextInt(1_500)));
                }));
    }

    @Override
    public CloudResult<Done> detach(EniId id, Seat seat) {
        return call(
                Action.DETACH_NETWORK_INTERFACE,
                () -> on(
                        id,
                        eni -> eni.shown.status() == EniStatus.IN_USE || eni.shown.status() == EniStatus.DETACHING
                                ? begin(eni, EniStatus.DETACHING, EniStatus.AVAILABLE, Duration.ofSeconds(2))
                                : refuse("InvalidOperation.InvalidEniState")));
    }

    @Override
    public CloudResult<Done> delete(EniId id) {
        return call(
                Action.DELETE_NETWORK_INTERFACE,
                () -> on(
                        id,
                        eni -> eni.shown.status() == EniStatus.AVAILABLE
                                ? begin(eni, EniStatus.DELETING, EniStatus.FAILED, Duration.ofMillis(700))
                                : refuse("InvalidOperation.InvalidEniState")));
    }

    @Override
    public CloudResult<Added> assign(AssignCall call) {
        return call(
                Action.ASSIGN_PRIVATE_IP_ADDRESSES,
                () -> once(call.clientToken(), () -> {
                    Eni eni = enis.get(call.eni());
                    if (eni == null) {
                        return refuse("InvalidEniId.NotFound");
                    }
                    if (eni.shown.addresses().size() + call.what().size() > LIMITS.ipv4PerEni() - 1) {
                        return refuse("InvalidOperation.Ipv4CountExceeded");
                    }
                    if (free.get(eni.shown.vSwitch()).size() < call.what().size()) {
                        return refuse("InvalidVSwitchId.IpNotEnough");
                    }
                    Added added = new Added(
                            IntStream.range(0, call.what().size())
                                    .mapToObj(_ -> take(eni.shown.vSwitch()))
                                    .toList(),
                            List.of());
                    eni.shown = eni.shown.with(added);
                    return CloudResult.ok(added);
                }));
    }

    @Override
    public CloudResult<Done> unassign(UnassignCall call) {
        return call(
                Action.UNASSIGN_PRIVATE_IP_ADDRESSES,
                () -> on(call.eni(), eni -> {
                    if (!eni.shown.addresses().containsAll(call.addresses())) {
                        return refuse("InvalidIp.IpUnassigned");
                    }
                    call.addresses().forEach(ip -> release(eni.shown.vSwitch(), ip));
                    eni.shown = eni.shown.without(new Added(call.addresses(), List.of()));
                    return CloudResult.ok(Done.DONE);
                }));
    }

    @Override
    public CloudResult<Done> setSecurityGroups(EniId id, List<SecurityGroupId> groups) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<Done> tag(EniId id, Map<String, String> tags) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<Done> untag(EniId id, List<String> keys) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<EniPage> interfaces(EniQuery query) {
        return call(
                Action.DESCRIBE_NETWORK_INTERFACES,
                () -> CloudResult.ok(
                        page(seen().stream().filter(eni -> matches(query, eni)).toList(), query)));
    }

    private static EniPage page(List<NetworkInterface> found, EniQuery query) {
        int from = query instanceof EniQuery.Tagged(String _, String _, String next) && !next.isEmpty()
                ? Integer.parseInt(next)
                : 0;
        int to = Math.min(found.size(), from + EniQuery.PAGE_SIZE);
        return new EniPage(found.subList(from, to), to < found.size() ? Integer.toString(to) : "");
    }

    /** Puts an ENI there as another process left it. */
    NetworkInterface put(String id, EniStatus status, InstanceId on, Map<String, String> tags) {
        Attachment attachment = status == EniStatus.IN_USE ? new Attachment.OnInstance(on) : new Attachment.Detached();
        made++;
        NetworkInterface eni = new NetworkInterface(
                new EniId(id),
                EniType.SECONDARY,
                status,
                Mac.parse("00:16:3e:01:%02x:%02x".formatted(made / 256, made % 256)),
                V_SWITCHES.getFirst(),
                ZONE,
                Ip.parse("10.9." + made / 250 + "." + made % 250),
                List.of(),
                List.of(),
                List.of(new SecurityGroupId("sg-1")),
                attachment,
                tags,
                VirtualTime.START.plusNanos(clock.now()));
        Eni model = new Eni(eni);
        model.seat = new Seat.OnInstance(on);
        enis.put(eni.id(), model);
        remember(clock.now());
        return eni;
    }

    long count(Predicate<Action> which) {
        return calls.entrySet().stream()
                .filter(entry -> which.test(entry.getKey()))
                .mapToLong(entry -> entry.getValue().size())
                .sum();
    }

    private static boolean matches(EniQuery query, NetworkInterface eni) {
        return switch (query) {
            case EniQuery.ByIds(List<EniId> ids) -> ids.contains(eni.id());
            case EniQuery.OnInstance(InstanceId on) ->
                eni.attachment().instance().equals(Optional.of(on));
            case EniQuery.Tagged(String key, String value, String _) ->
                value.equals(eni.tags().get(key));
        };
    }

    @Override
    public CloudResult<List<ComputeInstance>> instances(List<InstanceId> ids) {
        return call(
                Action.DESCRIBE_INSTANCES,
                () -> CloudResult.ok(ids.stream()
                        .map(id -> new ComputeInstance(
                                id,
                                TYPE,
                                ZONE,
                                "region",
                                VPC,
                                "Running",
                                V_SWITCHES.getFirst(),
                                List.of(new SecurityGroupId("sg-1"))))
                        .toList()));
    }

    @Override
    public CloudResult<List<InstanceLimits>> instanceTypes(List<InstanceType> types) {
        return call(Action.DESCRIBE_INSTANCE_TYPES, () -> CloudResult.ok(List.of(LIMITS)));
    }

    @Override
    public CloudResult<List<VSwitch>> vSwitches(VpcId vpc) {
        return call(
                Action.DESCRIBE_V_SWITCHES,
                () -> CloudResult.ok(V_SWITCHES.stream().map(this::vSwitchNow).toList()));
    }

    @Override
    public CloudResult<List<VSwitch>> vSwitch(VSwitchId id) {
        return call(Action.DESCRIBE_V_SWITCHES, () -> CloudResult.ok(List.of(vSwitchNow(id))));
    }

    private VSwitch vSwitchNow(VSwitchId id) {
        Cidr block = Cidr.parse("10." + (1 + V_SWITCHES.indexOf(id)) + ".0.0/16");
        return new VSwitch(id, ZONE, VPC, List.of(block), free.get(id).size());
    }
}
