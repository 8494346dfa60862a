package io.terway.bench.ipam;

import io.terway.ipam.AllocateOutcome;
import io.terway.ipam.Binding;
import io.terway.ipam.CloudEni;
import io.terway.ipam.CloudInstance;
import io.terway.ipam.ConfigReading;
import io.terway.ipam.EniConfigReader;
import io.terway.ipam.EniIp;
import io.terway.ipam.FailureClass;
import io.terway.ipam.Hello;
import io.terway.ipam.Holder;
import io.terway.ipam.InstanceLimits;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.Ledger;
import io.terway.ipam.LedgerEvent;
import io.terway.ipam.NodeIdentity;
import io.terway.ipam.OperationResult;
import io.terway.ipam.PoolCommand;
import io.terway.ipam.RequestId;
import io.terway.ipam.SessionId;
import io.terway.ipam.Word;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The loop with nodes, and a cloud with so many addresses that answers at once. */
final class LoopUnderTest {

    private static final Set<Family> IPV4 = Set.of(Family.IPV4);
    private static final VSwitchId VSWITCH = new VSwitchId("vsw-1");
    private static final ZoneId ZONE = new ZoneId("cn-hangzhou-h");
    private static final InstanceType TYPE = new InstanceType("ecs.g7.4xlarge");
    private static final List<Cidr> SUBNETS = List.of(Cidr.parse("10.0.0.0/8"));

    final IpamLoop loop;
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final Instant deadline = now.plusSeconds(3_600);
    private final InstanceLimits limits;
    private final Map<NodeName, List<Binding>> held = new HashMap<>();
    private final Map<NodeName, List<Ledger.Numbered>> offered = new HashMap<>();
    private final Map<SessionId, NodeName> nodeOf = new HashMap<>();
    /** The edge hands over the objects that a session was opened with, not new ones of each call. */
    private final Map<Integer, SessionId> sessions = new HashMap<>();

    private final Map<Integer, NodeName> names = new HashMap<>();
    private AllocateOutcome answer;
    private int addresses;
    private int lastAddress;
    private int lastEni;
    private long sequence;
    boolean keepsLedgers;

    LoopUnderTest(long term, InstanceLimits limits, int addresses, Map<String, Object> eniConf) {
        this.limits = limits;
        this.addresses = addresses;
        loop = new IpamLoop(term);
        if (EniConfigReader.read(eniConf, Map.of()) instanceof ConfigReading.Accepted accepted) {
            feed(new IpamEvent.ConfigChanged(accepted.config()));
        }
    }

    static NodeName node(int number) {
        return new NodeName("node-" + number);
    }

    /** A node says Hello with this ledger. */
    void join(int number, Ledger ledger) {
        NodeName name = node(number);
        InstanceId instance = new InstanceId("i-" + number);
        var identity = new NodeIdentity(name, "uid-" + number, instance, "ledger-" + number);
        var session = new SessionId("session-" + number);
        sessions.put(number, session);
        names.put(number, name);
        nodeOf.put(session, name);
        feed(new IpamEvent.SessionOpened(session, new Hello(identity, "boot", 0, 1_000_000, ZONE, TYPE)));
        feed(new IpamEvent.LedgerReceived(session, ledger));
    }

    Ledger ledger(int number) {
        return new Ledger(
                held.getOrDefault(node(number), List.of()),
                offered.getOrDefault(node(number), List.of()),
                List.of(),
                List.of());
    }

    /** True when it got an address at once. */
    boolean allocate(int number, RequestId request, SandboxKey sandbox, Holder holder) {
        feed(new IpamEvent.Allocate(
                0, request, sessions.get(number), names.get(number), sandbox, holder, IPV4, deadline, Set.of()));
        return answer instanceof AllocateOutcome.Proposed;
    }

    /** What the last request was told instead of an address. */
    String refusal() {
        return answer instanceof AllocateOutcome.Refused(AllocateOutcome.Why why, String message)
                ? why + ": " + message
                : "";
    }

    Binding bind(int number, SandboxKey sandbox, Holder holder) {
        List<EniIp> proposed = ((AllocateOutcome.Proposed) answer).addresses();
        Binding binding = new Binding(sandbox, holder, proposed, false, 1_000_000 + ++sequence);
        if (keepsLedgers) {
            held.computeIfAbsent(names.get(number), _ -> new ArrayList<>()).add(binding);
        }
        report(number, new LedgerEvent.Bound(binding));
        return binding;
    }

    void release(int number, Binding binding) {
        List<Ip> ips = List.of(binding.addresses().getFirst().ip());
        report(
                number,
                new LedgerEvent.Released(
                        1_000_000 + ++sequence, binding.sandbox(), binding.holder(), ips, Duration.ZERO));
    }

    private void report(int number, LedgerEvent event) {
        feed(new IpamEvent.Report(0, sessions.get(number), List.of(event)));
    }

    /** Time goes by: what waits for it is done. */
    void pass(Duration time) {
        now = now.plus(time);
        feed(new IpamEvent.Tick());
    }

    static RequestId request(int pod) {
        return new RequestId("request-" + pod);
    }

    static SandboxKey sandbox(int pod) {
        return new SandboxKey("terway", "c" + pod, "eth0");
    }

    static Holder holder(int pod) {
        return new Holder(new PodRef("shop", "pod-" + pod), "uid-" + pod);
    }

    private void feed(IpamEvent event) {
        for (IpamCommand command : loop.step(event, now)) {
            switch (command) {
                case IpamCommand.AnswerAllocate allocate -> answer = allocate.outcome();
                case PoolCommand pool -> feed(new IpamEvent.OperationEnded(pool.operation(), run(pool)));
                case IpamCommand.Describe describe -> feed(new IpamEvent.InstanceSeen(instance(describe.instance())));
                case IpamCommand.Say say -> hear(say);
                case IpamCommand.EndSession _,
                        IpamCommand.AnswerReport _,
                        IpamCommand.Audit _,
                        IpamCommand.Notice _,
                        IpamCommand.ShowStatus _,
                        IpamCommand.Anchor _,
                        IpamCommand.AnchorPodCidrs _,
                        IpamCommand.StepDown _,
                        io.terway.ipam.FixedCommand _ -> {}
            }
        }
    }

    private void hear(IpamCommand.Say say) {
        if (keepsLedgers && say.word() instanceof Word.Offer offer) {
            List<Ledger.Numbered> known = offered.computeIfAbsent(nodeOf.get(say.session()), _ -> new ArrayList<>());
            offer.addresses().forEach(address -> known.add(new Ledger.Numbered(address, offer.number())));
        }
    }

    private OperationResult run(PoolCommand command) {
        return switch (command) {
            case PoolCommand.CreateEni create
            when addresses > create.counts().ipv4() ->
                new OperationResult.EniCreated(eni(create.counts().ipv4()));
            case PoolCommand.AssignAddresses assign
            when addresses >= assign.counts().ipv4() ->
                new OperationResult.Assigned(take(assign.counts().ipv4()));
            case PoolCommand.CreateEni _, PoolCommand.AssignAddresses _ ->
                new OperationResult.Failed(FailureClass.V_SWITCH_EXHAUSTED, "vsw-1 is exhausted", Duration.ZERO);
            case PoolCommand.UnassignAddresses _,
                    PoolCommand.DeleteEni _,
                    PoolCommand.DetachEni _,
                    PoolCommand.DeleteRoute _ -> new OperationResult.Removed();
            case PoolCommand.ModifyEni _, PoolCommand.AttachEni _, PoolCommand.PutRoute _ ->
                new OperationResult.Changed();
        };
    }

    private CloudEni eni(int secondaries) {
        return new CloudEni(
                new EniId("eni-" + ++lastEni),
                new Mac(lastEni),
                VSWITCH,
                SUBNETS,
                Optional.of(take(1).getFirst()),
                take(secondaries),
                CloudEni.Phase.IN_USE,
                CloudEni.Use.SECONDARY,
                true);
    }

    private List<Ip> take(int count) {
        List<Ip> taken = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            taken.add(Ip.ofIpv4(0x0a000000 + ++lastAddress));
        }
        addresses -= count;
        return taken;
    }

    private CloudInstance instance(InstanceId id) {
        return new CloudInstance(id, TYPE, ZONE, false, limits, List.of(), Optional.of(VSWITCH), List.of());
    }
}
