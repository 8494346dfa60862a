package io.terway.ipam;

import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Several nodes, a cloud that answers at once, an API server that keeps PodNetInfos, and the loop between them. */
final class FixedRig {

    static final Map<String, String> FIXED = Map.of(PodWishes.FIXED, "true");
    static final Duration COOL_DOWN = Duration.ofSeconds(30);

    final ModelCloud cloud;
    final Map<InstanceId, ModelAgent> agents = new LinkedHashMap<>();
    final Map<PodRef, FixedAddress> stored;
    final List<FixedCommand> commands = new ArrayList<>();
    final Deque<FixedCommand.Write> unwritten = new ArrayDeque<>();
    final Map<io.terway.net.NodeName, FixedCommand.ShowNode> shown = new LinkedHashMap<>();
    boolean writes = true;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    IpamLoop loop;
    private final Map<String, Object> eniConf;
    private AllocateOutcome answer;
    private long tickets;
    private int objects;

    private final FixedSettings settings;
    private final Shard shard;
    /** False: a new leader hears of the PodNetInfos later. */
    boolean lists = true;

    FixedRig(Map<String, Object> eniConf) {
        this(eniConf, FixedSettings.DEFAULTS);
    }

    FixedRig(Map<String, Object> eniConf, FixedSettings settings) {
        this(eniConf, settings, Shard.WHOLE, new ModelCloud(200), new LinkedHashMap<>());
    }

    /** @param stored the PodNetInfos of the API server, which others may share */
    FixedRig(
            Map<String, Object> eniConf,
            FixedSettings settings,
            Shard shard,
            ModelCloud cloud,
            Map<PodRef, FixedAddress> stored) {
        this.eniConf = eniConf;
        this.settings = settings;
        this.shard = shard;
        this.cloud = cloud;
        this.stored = stored;
        loop = new IpamLoop(1, settings, shard);
        configure();
    }

    private void configure() {
        feed(new IpamEvent.ConfigChanged(((ConfigReading.Accepted) EniConfigReader.read(eniConf, Map.of())).config()));
    }

    ModelAgent node(String name, String zone) {
        var agent = new ModelAgent(name);
        agent.zone = new ZoneId(zone);
        agents.put(agent.instance, agent);
        connect(agent);
        return agent;
    }

    private void connect(ModelAgent agent) {
        feed(new IpamEvent.NodeSeen(
                agent.name,
                "uid-" + agent.name,
                Optional.of(agent.instance),
                Optional.of(agent.ledgerId),
                PoolOverride.NONE));
        Hello hello = agent.hello();
        feed(new IpamEvent.SessionOpened(agent.session, hello));
        feed(new IpamEvent.LedgerReceived(agent.session, agent.ledger(now)));
        pass(Duration.ofSeconds(1));
    }

    void failOver() {
        loop = new IpamLoop(loop.term() + 1, settings, shard);
        configure();
        feed(new IpamEvent.PodNetInfosListed(lists));
        stored.values().forEach(address -> feed(new IpamEvent.PodNetInfoSeen(address)));
        agents.values().forEach(this::connect);
    }

    AllocateOutcome ask(ModelAgent agent, String pod, int life, Map<String, String> annotations) {
        feed(new IpamEvent.Allocate(
                ++tickets,
                new RequestId("r-" + pod + life),
                agent.session,
                agent.name,
                sandbox(pod, life),
                new Holder(new PodRef("db", pod), "uid-" + pod + life),
                Set.of(Family.IPV4),
                now.plusSeconds(60),
                Set.of(),
                annotations));
        return answer;
    }

    static SandboxKey sandbox(String pod, int life) {
        return new SandboxKey("terway", pod + "-" + life, "eth0");
    }

    /** Asks until there is an answer other than "wait", at most two minutes. */
    AllocateOutcome await(ModelAgent agent, String pod, int life, Map<String, String> annotations) {
        for (int i = 0; i < 240; i++) {
            if (!(ask(agent, pod, life, annotations) instanceof AllocateOutcome.Pending)) {
                return answer;
            }
            pass(Duration.ofMillis(500));
        }
        return answer;
    }

    Ip add(ModelAgent agent, String pod, int life) {
        return add(agent, pod, life, FIXED);
    }

    Ip add(ModelAgent agent, String pod, int life, Map<String, String> annotations) {
        if (!(await(agent, pod, life, annotations) instanceof AllocateOutcome.Proposed proposed)) {
            throw new AssertionError("pod " + pod + " on " + agent.name + ": " + answer);
        }
        EniIp address = proposed.addresses().getFirst();
        if (!agent.offered.containsKey(address.ip()) || agent.held().contains(address.ip())) {
            throw new AssertionError(address + " cannot be committed on " + agent.name);
        }
        agent.commit(sandbox(pod, life), new Holder(new PodRef("db", pod), "uid-" + pod + life), proposed);
        feed(agent.report());
        return address.ip();
    }

    void delete(ModelAgent agent, String pod, int life) {
        agent.release(sandbox(pod, life), now, COOL_DOWN);
        feed(agent.report());
    }

    void pass(Duration time) {
        Instant until = now.plus(time);
        while (loop.nextDue().filter(due -> !due.isAfter(until)).isPresent()) {
            Instant due = loop.nextDue().get();
            now = due.isAfter(now) ? due : now;
            feed(new IpamEvent.Tick());
        }
        now = until;
    }

    void feed(IpamEvent event) {
        Deque<IpamEvent> events = new ArrayDeque<>(List.of(event));
        while (!events.isEmpty()) {
            for (IpamCommand command : loop.step(events.remove(), now)) {
                carryOut(command, events);
            }
        }
    }

    private void carryOut(IpamCommand command, Deque<IpamEvent> events) {
        switch (command) {
            case PoolCommand pool -> {
                events.add(new IpamEvent.OperationEnded(pool.operation(), cloud.run(pool)));
                events.add(new IpamEvent.InstanceSeen(cloud.describe(pool.instance())));
            }
            case IpamCommand.Say say -> hear(say, events);
            case IpamCommand.AnswerAllocate allocate -> answer = allocate.outcome();
            case IpamCommand.Describe describe ->
                events.add(new IpamEvent.InstanceSeen(cloud.describe(describe.instance())));
            case FixedCommand.Write write -> {
                unwritten.add(write);
                if (writes) {
                    events.add(write());
                }
            }
            case FixedCommand.Count count -> {
                stored.computeIfPresent(count.address().pod(), (_, address) -> address.unwantedFor(count.unwanted()));
                commands.add(count);
            }
            case FixedCommand.ShowNode show -> shown.put(show.node(), show);
            case FixedCommand fixed -> commands.add(fixed);
            case IpamCommand.EndSession _,
                    IpamCommand.Notice _,
                    IpamCommand.ShowStatus _,
                    IpamCommand.AnchorPodCidrs _,
                    IpamCommand.AnswerReport _,
                    IpamCommand.Audit _,
                    IpamCommand.Anchor _,
                    IpamCommand.StepDown _ -> {}
        }
    }

    /** The API server takes the oldest write, unless another one was first. */
    IpamEvent write() {
        FixedAddress wanted = unwritten.remove().wanted();
        return new IpamEvent.PodNetInfoSeen(stored.computeIfAbsent(wanted.pod(), _ -> store(wanted)));
    }

    FixedAddress store(FixedAddress wanted) {
        return wanted.as("object-" + ++objects);
    }

    private void hear(IpamCommand.Say say, Deque<IpamEvent> events) {
        ModelAgent agent = agents.values().stream()
                .filter(one -> say.session().equals(one.session))
                .findFirst()
                .orElseThrow();
        switch (say.word()) {
            case Word.Offer offer -> agent.take(offer);
            case Word.Withdraw withdraw -> events.add(agent.take(withdraw, now));
            case Word.Welcome _, Word.Configure _, Word.LastView _ -> {}
        }
    }

    /** Where the cloud has an address. */
    List<InstanceId> instancesOf(Ip ip) {
        return cloud.enis.entrySet().stream()
                .filter(entry -> entry.getValue().values().stream()
                        .anyMatch(eni -> eni.all().contains(ip)))
                .map(Map.Entry::getKey)
                .toList();
    }
}
