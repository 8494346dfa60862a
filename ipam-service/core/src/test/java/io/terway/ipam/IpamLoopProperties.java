package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The loop against models of agents and cloud: random churn, late answers, lost sessions, new terms. A seed replays. */
class IpamLoopProperties {

    private static final int STEPS = 3_000 * Integer.getInteger("terway.scale", 1);
    private static final Duration COOL_DOWN = Duration.ofSeconds(30);

    private final ModelCloud cloud = new ModelCloud(400);
    private final List<ModelAgent> agents = List.of(new ModelAgent("n1"), new ModelAgent("n2"), new ModelAgent("n3"));
    private final Map<ModelAgent, Deque<Word>> inbox = new HashMap<>();
    private final Deque<PoolCommand> operations = new ArrayDeque<>();
    private final Map<SandboxKey, Set<Ip>> refusals = new HashMap<>();
    private final Map<SandboxKey, ModelAgent> wanting = new HashMap<>();
    private final Map<Long, SandboxKey> asked = new HashMap<>();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private IpamLoop loop = new IpamLoop(1);
    private long term = 1;
    private long tickets;
    private int pods;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void neverOffersOneAddressTwiceAndNeverTakesOneInUse(long seed) {
        Random random = new Random(seed);
        begin();
        for (int step = 0; step < STEPS; step++) {
            act(random);
            noAddressOnTwoNodes();
        }
        settle();
        int before = operations.size();
        for (int i = 0; i < 200; i++) {
            now = now.plusSeconds(5);
            tick();
        }
        assertEquals(before, operations.size(), "a settled cluster orders nothing");
        for (ModelAgent agent : agents) {
            int idle = agent.offered.size() - agent.bound.size();
            assertTrue(idle >= 10 || agent.offered.size() == 45, agent.name + " has " + idle + " idle");
            assertTrue(idle <= 25, agent.name + " has " + idle + " idle");
        }
    }

    private void begin() {
        feed(new IpamEvent.ConfigChanged(EniConfig.DEFAULTS));
        agents.forEach(this::connect);
    }

    private void connect(ModelAgent agent) {
        inbox.put(agent, new ArrayDeque<>());
        feed(new IpamEvent.SessionOpened(newSession(agent), lastHello));
        feed(new IpamEvent.LedgerReceived(agent.session, agent.ledger(now)));
    }

    private Hello lastHello;

    private SessionId newSession(ModelAgent agent) {
        lastHello = agent.hello();
        return agent.session;
    }

    private void act(Random random) {
        ModelAgent agent = agents.get(random.nextInt(agents.size()));
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5 -> add(agent);
            case 6, 7, 8, 9 -> delete(agent, random);
            case 10, 11, 12 -> finishOne(random);
            case 13, 14 -> report(agent);
            case 15 -> advance(Duration.ofSeconds(random.nextInt(20)));
            case 16 -> {
                look(agent);
                listen(agent);
            }
            case 17 -> retry();
            case 18 -> {
                if (random.nextInt(10) == 0) {
                    connect(agent);
                }
            }
            default -> {
                if (random.nextInt(60) == 0) {
                    failOver();
                }
            }
        }
    }

    private void add(ModelAgent agent) {
        if (agent.bound.size() + wanting.size() < 40) {
            SandboxKey sandbox = ModelAgent.sandbox(++pods);
            wanting.put(sandbox, agent);
            ask(sandbox);
        }
    }

    private void ask(SandboxKey sandbox) {
        ModelAgent agent = wanting.get(sandbox);
        long ticket = ++tickets;
        asked.put(ticket, sandbox);
        feed(agent.ask(ticket, sandbox, now.plusSeconds(60), refusals.getOrDefault(sandbox, Set.of())));
    }

    private void retry() {
        List.copyOf(wanting.keySet()).forEach(this::ask);
    }

    private void delete(ModelAgent agent, Random random) {
        if (!agent.bound.isEmpty()) {
            List<SandboxKey> all = new ArrayList<>(agent.bound.keySet());
            agent.release(all.get(random.nextInt(all.size())), now, COOL_DOWN);
        }
    }

    private void report(ModelAgent agent) {
        if (!agent.unreported.isEmpty()) {
            feed(agent.report());
        }
    }

    /** The cloud does something and answers; some answers are lost and the operation comes again. */
    private void finishOne(Random random) {
        PoolCommand command = operations.poll();
        if (command == null) {
            return;
        }
        if (random.nextInt(8) == 0) {
            feed(new IpamEvent.OperationEnded(command.operation(), new OperationResult.Unreached("no answer")));
            return;
        }
        finish(command);
    }

    private void finish(PoolCommand command) {
        takesOnlyWhatTheAgentGaveUp(command);
        feed(new IpamEvent.OperationEnded(command.operation(), cloud.run(command)));
    }

    private void look(ModelAgent agent) {
        feed(new IpamEvent.InstanceSeen(cloud.describe(agent.instance)));
    }

    private void advance(Duration by) {
        now = now.plus(by);
        tick();
    }

    private void tick() {
        while (loop.nextDue().filter(due -> !due.isAfter(now)).isPresent()) {
            feed(new IpamEvent.Tick());
        }
    }

    /** A new leader: knows nothing, and the operations under way end without it. */
    private void failOver() {
        while (!operations.isEmpty()) {
            PoolCommand command = operations.poll();
            takesOnlyWhatTheAgentGaveUp(command);
            cloud.run(command);
        }
        asked.clear();
        loop = new IpamLoop(++term);
        begin();
        agents.forEach(this::look);
    }

    private void settle() {
        for (int i = 0; i < 400; i++) {
            agents.forEach(this::listen);
            agents.forEach(this::report);
            while (!operations.isEmpty()) {
                finish(operations.poll());
            }
            agents.forEach(this::look);
            agents.forEach(this::listen);
            retry();
            advance(Duration.ofSeconds(7));
        }
    }

    private void feed(IpamEvent event) {
        Deque<IpamEvent> events = new ArrayDeque<>(List.of(event));
        while (!events.isEmpty()) {
            for (IpamCommand command : loop.step(events.remove(), now)) {
                carryOut(command, events);
            }
        }
    }

    private void carryOut(IpamCommand command, Deque<IpamEvent> events) {
        switch (command) {
            case IpamCommand.Say say ->
                agents.stream()
                        .filter(agent -> say.session().equals(agent.session))
                        .forEach(agent -> inbox.get(agent).add(say.word()));
            case IpamCommand.AnswerAllocate answer -> answered(answer);
            case PoolCommand pool -> operations.add(pool);
            case IpamCommand.Describe describe ->
                events.add(new IpamEvent.InstanceSeen(cloud.describe(describe.instance())));
            case IpamCommand.EndSession end -> assertEquals(IpamCommand.End.REPLACED, end.end(), end.reason());
            case IpamCommand.Notice notice ->
                assertFalse(notice.reason().matches("UnknownAddress|AddressLost|NodeQuarantined"), notice.message());
            case IpamCommand.AnswerReport _,
                    IpamCommand.Audit _,
                    IpamCommand.ShowStatus _,
                    IpamCommand.Anchor _,
                    IpamCommand.AnchorPodCidrs _,
                    IpamCommand.StepDown _,
                    FixedCommand _ -> {}
        }
    }

    /** Agents read when they get to it; what a dead session had not read is lost. */
    private void listen(ModelAgent agent) {
        Deque<Word> words = inbox.get(agent);
        while (!words.isEmpty()) {
            hear(agent, words.remove());
        }
    }

    private void hear(ModelAgent agent, Word word) {
        switch (word) {
            case Word.Offer offer -> agent.take(offer);
            case Word.Withdraw withdraw -> feed(agent.take(withdraw, now));
            case Word.Welcome _, Word.Configure _, Word.LastView _ -> {}
        }
    }

    private void answered(IpamCommand.AnswerAllocate answer) {
        SandboxKey sandbox = asked.remove(answer.ticket());
        ModelAgent agent = sandbox == null ? null : wanting.get(sandbox);
        if (agent != null && answer.outcome() instanceof AllocateOutcome.Proposed proposed) {
            EniIp address = proposed.addresses().getFirst();
            assertFalse(
                    refusals.getOrDefault(sandbox, Set.of()).contains(address.ip()),
                    "proposed again what the agent refused");
            if (agent.mayCommit(address, now)) {
                agent.commit(sandbox, proposed.addresses());
                wanting.remove(sandbox);
                refusals.remove(sandbox);
            } else {
                refusals.computeIfAbsent(sandbox, _ -> new HashSet<>()).add(address.ip());
            }
        }
    }

    private void noAddressOnTwoNodes() {
        Map<Ip, NodeName> seen = new HashMap<>();
        for (ModelAgent agent : agents) {
            for (Ip ip : agent.offered.keySet()) {
                NodeName other = seen.put(ip, agent.name);
                assertEquals(null, other, ip + " is offered on " + agent.name + " and " + other);
            }
        }
    }

    /** Invariant 4. */
    private void takesOnlyWhatTheAgentGaveUp(PoolCommand command) {
        Set<Ip> taken = new HashSet<>();
        switch (command) {
            case PoolCommand.UnassignAddresses unassign -> taken.addAll(unassign.addresses());
            case PoolCommand.DeleteEni delete ->
                taken.addAll(cloud.enis.get(delete.instance()).get(delete.eni()).all());
            case PoolCommand.CreateEni _,
                    PoolCommand.AttachEni _,
                    PoolCommand.DetachEni _,
                    PoolCommand.AssignAddresses _,
                    PoolCommand.ModifyEni _,
                    PoolCommand.PutRoute _,
                    PoolCommand.DeleteRoute _ -> {}
        }
        for (ModelAgent agent : agents) {
            for (Ip ip : taken) {
                assertFalse(agent.offered.containsKey(ip), ip + " is taken off while " + agent.name + " may use it");
            }
        }
    }
}
