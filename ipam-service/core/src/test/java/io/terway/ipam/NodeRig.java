package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** One node, a cloud that answers at once, and the loop between them: for laws about what a pod gets. */
final class NodeRig {

    final ModelCloud cloud;
    final ModelAgent agent;
    final List<IpamCommand.Notice> notices = new ArrayList<>();
    final List<PoolCommand> commands = new ArrayList<>();
    final Map<EniId, CloudEni> described = new TreeMap<>();
    final Set<EniId> ofPods = new TreeSet<>();
    final Map<Ip, EniIp> blocks = new LinkedHashMap<>();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    IpamLoop loop = new IpamLoop(1);
    IpamCommand.ShowStatus status;
    NodeConfig config;
    List<io.terway.net.Cidr> podCidrs = List.of();
    boolean draining;
    PoolOverride override = PoolOverride.NONE;
    private Optional<EniConfig> eniConfig = Optional.empty();
    AllocateOutcome answer;
    private long tickets;

    NodeRig(ModelCloud cloud) {
        this(cloud, new ModelAgent("n1"));
    }

    NodeRig(ModelCloud cloud, ModelAgent agent) {
        this.cloud = cloud;
        this.agent = agent;
    }

    /** A rig with this eni_conf, settled. */
    static NodeRig of(ModelCloud cloud, Map<String, Object> eniConf) {
        NodeRig rig = new NodeRig(cloud);
        rig.configure(eniConf);
        rig.connect();
        return rig;
    }

    void configure(Map<String, Object> eniConf) {
        ConfigReading reading = EniConfigReader.read(eniConf, Map.of());
        configure(assertInstanceOf(ConfigReading.Accepted.class, reading, reading::toString)
                .config());
    }

    void configure(EniConfig config) {
        eniConfig = Optional.of(config);
        feed(new IpamEvent.ConfigChanged(config));
    }

    void seen() {
        feed(new IpamEvent.NodeSeen(
                agent.name,
                "uid-" + agent.name,
                Optional.of(agent.instance),
                Optional.of(agent.ledgerId),
                override,
                podCidrs,
                Optional.empty(),
                draining));
    }

    void connect() {
        seen();
        Hello hello = agent.hello();
        feed(new IpamEvent.SessionOpened(agent.session, hello));
        feed(new IpamEvent.LedgerReceived(agent.session, agent.ledger(now)));
        pass(Duration.ofSeconds(1));
    }

    /** A new leader, which knows what the agent, the cloud and the API server know. */
    void failOver() {
        loop = new IpamLoop(loop.term() + 1);
        eniConfig.ifPresent(conf -> feed(new IpamEvent.ConfigChanged(conf)));
        connect();
    }

    /** Asks until there is an answer that is not "wait", at most a minute. */
    AllocateOutcome ask(int pod, Map<String, String> annotations) {
        SandboxKey sandbox = ModelAgent.sandbox(pod);
        Set<Ip> refused = new HashSet<>();
        Instant deadline = now.plusSeconds(60);
        while (true) {
            feed(agent.ask(
                    ++tickets,
                    sandbox,
                    deadline,
                    refused,
                    eniConfig.orElseThrow().stack().families(),
                    annotations));
            boolean waits = answer instanceof AllocateOutcome.Pending;
            if (!waits || !now.isBefore(deadline)) {
                return answer;
            }
            pass(Duration.ofMillis(500));
        }
    }

    AllocateOutcome.Proposed add(int pod, Map<String, String> annotations) {
        var proposed = assertInstanceOf(AllocateOutcome.Proposed.class, ask(pod, annotations), () -> answer.toString());
        for (EniIp address : proposed.addresses()) {
            assertTrue(agent.mayCommit(address, now), address + " cannot be committed");
        }
        agent.commit(ModelAgent.sandbox(pod), proposed.addresses(), proposed.attachment());
        feed(agent.report());
        return proposed;
    }

    AllocateOutcome.Proposed add(int pod) {
        return add(pod, Map.of());
    }

    void delete(int pod) {
        agent.release(ModelAgent.sandbox(pod), now, Duration.ofSeconds(30));
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

    void look() {
        feed(new IpamEvent.InstanceSeen(cloud.describe(agent.instance)));
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
                commands.add(pool);
                events.add(new IpamEvent.OperationEnded(pool.operation(), cloud.run(pool)));
                events.add(new IpamEvent.InstanceSeen(cloud.describe(agent.instance)));
            }
            case IpamCommand.Say say -> hear(say.word(), events);
            case IpamCommand.AnswerAllocate allocate -> answer = allocate.outcome();
            case IpamCommand.Describe describe ->
                events.add(new IpamEvent.InstanceSeen(cloud.describe(describe.instance())));
            case IpamCommand.Notice notice -> notices.add(notice);
            case IpamCommand.ShowStatus shown -> status = shown;
            case IpamCommand.AnchorPodCidrs anchor -> {
                podCidrs = anchor.cidrs();
                events.add(new IpamEvent.NodeSeen(
                        agent.name,
                        "uid-" + agent.name,
                        Optional.of(agent.instance),
                        Optional.of(agent.ledgerId),
                        override,
                        podCidrs,
                        Optional.empty(),
                        draining));
            }
            case IpamCommand.EndSession _,
                    IpamCommand.AnswerReport _,
                    IpamCommand.Audit _,
                    IpamCommand.Anchor _,
                    IpamCommand.StepDown _,
                    FixedCommand _ -> {}
        }
    }

    private void hear(Word word, Deque<IpamEvent> events) {
        switch (word) {
            case Word.Offer offer -> {
                agent.take(offer);
                offer.enis().forEach(eni -> described.put(eni.id(), eni));
                offer.enis().forEach(eni -> ofPods.remove(eni.id()));
                ofPods.addAll(offer.ofPods());
                offer.addresses().forEach(address -> blocks.put(address.ip(), address));
            }
            case Word.Withdraw withdraw -> events.add(agent.take(withdraw, now));
            case Word.Welcome welcome -> config = welcome.config();
            case Word.Configure configure -> config = configure.config();
            case Word.LastView _ -> {}
        }
    }

    List<CloudEni> enis(CloudEni.Use use) {
        return cloud.enis.getOrDefault(agent.instance, Map.of()).values().stream()
                .filter(eni -> eni.use() == use)
                .toList();
    }

    CloudEni eniOf(AllocateOutcome.Proposed proposed) {
        return cloud.enis
                .get(agent.instance)
                .get(proposed.addresses().getFirst().eni());
    }

    boolean noticed(String reason) {
        return notices.stream().anyMatch(notice -> notice.reason().equals(reason));
    }
}
