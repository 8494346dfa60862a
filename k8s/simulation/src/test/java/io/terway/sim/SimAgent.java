package io.terway.sim;

import io.terway.ipam.Hello;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.LedgerEvent;
import io.terway.ipam.NodeIdentity;
import io.terway.ipam.ReportOutcome;
import io.terway.ipam.SessionId;
import io.terway.ipam.Word;
import io.terway.net.InstanceType;
import io.terway.net.SandboxKey;
import io.terway.node.commit.LedgerBook;
import io.terway.node.commit.ReportQueue;
import io.terway.node.commit.Tombstones;
import io.terway.node.commit.Withdrawal;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Journal;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.PodLife;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** One life of an agent process: the real ledger book, report queue, tombstones and choosers, and its session. */
final class SimAgent {

    final World world;
    final SimNode node;
    final ReportQueue<LedgerEvent> reports = new ReportQueue<>();
    final Tombstones tombstones = new Tombstones();
    private final Map<SandboxKey, Deque<Runnable>> lanes = new HashMap<>();
    private final Set<SandboxKey> owed = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    private LedgerBook book;
    private final long startedAt;
    private boolean alive = true;
    private String quarantine = "";
    private Optional<Line> line = Optional.empty();
    private boolean welcomed;
    private boolean reporting;
    /** A binding whose namespace is gone is ended by the sweep when it is older. */
    static final long SWEPT_AFTER = 120_000;

    static final long SWEEP_EVERY = 60_000;

    /** For the check only: the newest DEL of each sandbox that this life of the agent has seen. */
    private final Map<SandboxKey, Duration> ended = new HashMap<>();

    /** A call of the plugin. @param started when it started, on the boot clock */
    record Add(SandboxKey key, PodLife pod, Duration started) {}

    record Del(SandboxKey key, Duration started) {}

    SimAgent(World world, SimNode node) {
        this.world = world;
        this.node = node;
        this.startedAt = world.agenda.now();
    }

    boolean isAlive() {
        return alive;
    }

    Optional<LedgerState> ledger() {
        return Optional.ofNullable(book).map(LedgerBook::state);
    }

    LedgerBook book() {
        return book;
    }

    String quarantine() {
        return quarantine;
    }

    BootTime now() {
        return world.rules.clock(node.now());
    }

    void die() {
        alive = false;
        owed.forEach(node.runtime()::leaveToTheSweep);
        line.ifPresent(Line::cut);
    }

    void start() {
        try {
            Optional<byte[]> bytes = node.disk().read(SimNode.LEDGER);
            if (bytes.isEmpty()) {
                book = LedgerBook.create(
                        SimNode.LEDGER, node.disk(), "ledger-" + world.weather.between(0, 1 << 30), now());
            } else {
                switch (Journal.recover(bytes.get())) {
                    case Journal.Recovery.Recovered whole ->
                        book = LedgerBook.open(SimNode.LEDGER, node.disk(), whole, now());
                    case Journal.Recovery.Damaged damaged -> quarantine = damaged.reason();
                }
            }
        } catch (IOException e) {
            die();
            world.agenda.after(1_000, node::startAgent);
            return;
        }
        if (book != null) {
            world.trace(() -> node.name() + " agent starts with " + book.state().ledgerId() + " "
                    + book.state().bindings());
            node.begins(book.state());
            world.checks.survives(node, book.state());
            List.copyOf(book.state().bindings()).stream()
                    .filter(binding -> binding.isOfAnotherBoot(now().bootId()))
                    .forEach(binding -> release(binding.key(), true));
        }
        after(weather(50, 500), this::connect);
        after(SWEEP_EVERY, this::sweep);
    }

    void after(long millis, Runnable work) {
        world.agenda.after(millis, () -> {
            if (alive) {
                work.run();
            }
        });
    }

    private long weather(int low, int high) {
        return world.weather.between(low, high);
    }

    // ---- session ----

    private void connect() {
        Optional<SimLeader> leader = world.leaderFor();
        if (leader.isEmpty() || book == null || line.isPresent()) {
            if (line.isEmpty()) {
                after(weather(500, 2_000), this::connect);
            }
            return;
        }
        Line fresh = new Line(world, this, leader.get(), world.newSession());
        line = Optional.of(fresh);
        welcomed = false;
        LedgerState state = book.state();
        Hello hello = new Hello(
                world.rules.identity(new NodeIdentity(node.name(), node.uid(), node.instance(), state.ledgerId())),
                node.bootId(),
                state.term(),
                state.sequence(),
                node.zone(),
                new InstanceType("ecs.sim"),
                now().sinceBoot());
        var ledger = Translate.ledger(state, now());
        fresh.up(to -> to.opened(fresh, hello));
        fresh.up(to -> to.ledger(fresh.id(), ledger));
        // Silence of 30 s ends a session: also one that nobody answered.
        after(30_000, () -> {
            if (line.equals(Optional.of(fresh)) && !welcomed) {
                fresh.cut();
            }
        });
    }

    void disconnected(Line ended) {
        if (alive && line.equals(Optional.of(ended))) {
            line = Optional.empty();
            welcomed = false;
            reports.disconnected();
            after(weather(50, 3_000), this::connect);
        }
    }

    /** The leader ended the session. */
    void ended(Line ended, IpamCommand.End why) {
        if (line.equals(Optional.of(ended))) {
            if (why == IpamCommand.End.QUARANTINED) {
                quarantine = "quarantined";
            }
            disconnected(ended);
        }
    }

    void hears(Line from, long term, Word word) {
        if (!line.equals(Optional.of(from))) {
            return;
        }
        world.trace(() -> node.name() + " hears " + term + " " + word);
        try {
            if (!world.rules.accepts(book, term)) {
                from.cut();
                return;
            }
            world.checks.hears(node, term);
            switch (word) {
                case Word.Welcome welcome -> {
                    configure(welcome.config());
                    welcomed = true;
                    node.confirmed();
                    quarantine = "";
                    reports.connected(welcome.acknowledgedSequence());
                    report();
                }
                case Word.Configure configure -> configure(configure.config());
                case Word.LastView _ -> throw new AssertionError("no agent here makes its ledger anew");
                case Word.Offer offer -> book.record(Translate.offer(offer));
                case Word.Withdraw withdraw -> {
                    Withdrawal done =
                            world.rules.withdraw(book, withdraw.number(), withdraw.addresses(), withdraw.enis(), now());
                    from.up(to -> to.acknowledged(from.id(), withdraw.number(), done.withdrawn(), done.kept()));
                }
            }
        } catch (IOException e) {
            from.cut(); // as the agent does when its disk fails: the session ends, the next begins with the ledger
        }
    }

    private void configure(io.terway.ipam.NodeConfig config) throws IOException {
        NodeConfig mine = world.rules.config(Translate.config(config));
        if (config.revision() > 0 && !book.state().config().equals(Optional.of(mine))) {
            book.record(new LedgerEntry.Configured(mine));
        }
    }

    void breakLine() {
        line.ifPresent(Line::cut);
    }

    /** The session in force, once it may be used. */
    Optional<Line> session() {
        return line.filter(_ -> welcomed);
    }

    void report() {
        if (reporting || !reports.isReady() || session().isEmpty()) {
            return;
        }
        if (reports.needsNewSession()) {
            session().get().cut();
            return;
        }
        reporting = true;
        Line to = session().get();
        var batch = new IpamEvent.Report(0, to.id(), reports.batch());
        boolean[] answered = new boolean[1];
        world.send(() -> to.leader()
                .report(
                        batch,
                        outcome -> world.send(() -> {
                            if (alive && !answered[0]) {
                                answered[0] = true;
                                reported(to, outcome);
                            }
                        })));
        after(5_000, () -> {
            if (!answered[0]) {
                answered[0] = true;
                reporting = false;
                report();
            }
        });
    }

    private void reported(Line to, ReportOutcome outcome) {
        reporting = false;
        if (outcome instanceof ReportOutcome.Acknowledged acknowledged && line.equals(Optional.of(to))) {
            reports.acknowledge(acknowledged.sequence());
            report();
        } else {
            after(500, this::report);
        }
    }

    SessionId sessionId() {
        return session().orElseThrow().id();
    }

    // ---- ledger ----

    void bound(Binding binding) {
        reports.add(binding.sequence(), Translate.bound(binding));
        report();
    }

    /** Gives back, or owes it until the disk takes it. */
    void release(SandboxKey key, boolean plumbed) {
        try {
            Optional<Binding> held = book.release(key, now(), plumbed);
            owed.remove(key);
            world.trace(() -> node.name() + " releases " + held);
            if (held.isPresent()) {
                Duration coolDown = plumbed ? book.state().coolDown() : Duration.ZERO;
                reports.add(
                        book.state().sequence(), Translate.released(book.state().sequence(), held.get(), coolDown));
                report();
                book.compact();
            }
        } catch (IOException e) {
            world.trace(() -> node.name() + " owes the release of " + key);
            if (book.state().binding(key).isPresent()) {
                owed.add(key);
                after(
                        1_000,
                        () -> inLane(key, () -> {
                            if (owed.contains(key)) {
                                release(key, plumbed);
                            }
                            leave(key);
                        }));
            }
        }
    }

    boolean isOwed(SandboxKey key) {
        return owed.contains(key);
    }

    /** Sandboxes whose namespace is gone and whose pod is too are ended; the others are repaired. */
    private void sweep() {
        if (book != null) {
            for (Binding binding : List.copyOf(book.state().bindings())) {
                if (!lanes.containsKey(binding.key())) { // else a late ADD is about to find its namespace gone
                    world.checks.ended(node, binding.key(), startedAt);
                }
                boolean old = now().atLeastSince(binding.at()).toMillis() > SWEPT_AFTER;
                if (!node.runtime().hasNamespace(binding.key()) && old) {
                    inLane(
                            binding.key(),
                            () -> new SimDel(this, binding.key()).end(binding, () -> leave(binding.key())));
                }
            }
        }
        after(SWEEP_EVERY, this::sweep);
    }

    // ---- calls ----

    /** One call at a time per sandbox; each ends with {@link #leave}. */
    void inLane(SandboxKey key, Runnable call) {
        Deque<Runnable> waiting = lanes.get(key);
        if (waiting == null) {
            lanes.put(key, new ArrayDeque<>());
            call.run();
        } else {
            waiting.add(call);
        }
    }

    void leave(SandboxKey key) {
        Runnable next = lanes.get(key).poll();
        if (next == null) {
            lanes.remove(key);
        } else {
            after(0, next);
        }
    }

    void add(Add call, java.util.function.Consumer<Boolean> reply) {
        inLane(call.key(), () -> new SimAdd(this, call, reply).run());
    }

    void del(Del call, Runnable answered) {
        if (!now().isOvertakenBy(call.started())) {
            tombstones.put(call.key(), call.started());
            ended.merge(call.key(), call.started(), (a, b) -> a.compareTo(b) > 0 ? a : b);
        }
        inLane(
                call.key(),
                () -> new SimDel(this, call.key()).run(call, () -> {
                    answered.run();
                    leave(call.key());
                }));
    }

    /** Invariant 6: nothing is given to a sandbox that a later call has ended. */
    void mayBind(Add call) {
        Duration del = ended.get(call.key());
        if (del != null && call.started().compareTo(del) < 0) {
            throw new Broken(6, call.key() + " of " + node.name() + " was deleted after its ADD and gets an address");
        }
    }

    void replay(Del call, Runnable answered) {
        after(weather(10, 500), () -> del(call, answered));
    }
}
