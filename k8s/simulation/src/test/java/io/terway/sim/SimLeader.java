package io.terway.sim;

import io.terway.ipam.AllocateOutcome;
import io.terway.ipam.Hello;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.Ledger;
import io.terway.ipam.OperationResult;
import io.terway.ipam.PoolCommand;
import io.terway.ipam.ReportOutcome;
import io.terway.ipam.SessionId;
import io.terway.ipam.Word;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** One process of ipam-service in one term: the real loop, and what its edges do with its commands. */
final class SimLeader {

    private static final long CALL_TIMEOUT = 30_000;

    private final World world;
    private final long term;
    private final IpamLoop loop;
    private final Map<SessionId, Line> lines = new HashMap<>();
    private final Map<Long, Consumer<AllocateOutcome>> allocates = new HashMap<>();
    private final Map<Long, Consumer<ReportOutcome>> reports = new HashMap<>();
    private final Map<Long, Integer> attempts = new HashMap<>();
    private long tickets;
    private boolean alive = true;
    private long tickAt = Long.MAX_VALUE;

    SimLeader(World world, long term) {
        this.world = world;
        this.term = term;
        this.loop = new IpamLoop(term);
        tell(new IpamEvent.ConfigChanged(world.config()));
        world.nodes.forEach(node -> tell(node.seen()));
    }

    boolean isAlive() {
        return alive;
    }

    long term() {
        return term;
    }

    IpamLoop loop() {
        return loop;
    }

    /** The process ends: nobody hears of it from itself. */
    void stop() {
        alive = false;
        lines.values().forEach(Line::cut);
    }

    void opened(Line line, Hello hello) {
        lines.put(line.id(), line);
        tell(new IpamEvent.SessionOpened(line.id(), hello));
    }

    void ledger(SessionId id, Ledger ledger) {
        tell(new IpamEvent.LedgerReceived(id, ledger));
    }

    void acknowledged(SessionId id, long number, List<Ip> withdrawn, List<Ip> kept) {
        tell(new IpamEvent.WithdrawAcked(id, number, withdrawn, kept));
    }

    void closed(SessionId id) {
        if (alive && lines.remove(id) != null) {
            tell(new IpamEvent.SessionClosed(id));
        }
    }

    void allocate(IpamEvent.Allocate request, Consumer<AllocateOutcome> answer) {
        long ticket = ++tickets;
        allocates.put(ticket, answer);
        tell(new IpamEvent.Allocate(
                ticket,
                request.request(),
                request.session(),
                request.node(),
                request.sandbox(),
                request.holder(),
                request.families(),
                request.deadline(),
                request.refused()));
    }

    void report(IpamEvent.Report report, Consumer<ReportOutcome> answer) {
        long ticket = ++tickets;
        reports.put(ticket, answer);
        tell(new IpamEvent.Report(ticket, report.session(), report.events()));
    }

    /** One event into the loop; its commands out. */
    void tell(IpamEvent event) {
        if (!alive) {
            return;
        }
        List<IpamCommand> commands = loop.step(event, world.agenda.instant());
        world.trace(() -> "leader " + term + " <- " + event);
        world.checks.touchesOnly(event, commands, lines);
        for (IpamCommand command : commands) {
            world.trace(() -> "leader " + term + " -> " + command);
            carryOut(command);
        }
        world.checks.bounded(loop);
        wakeUp();
    }

    private void wakeUp() {
        Optional<Instant> due = loop.nextDue();
        if (due.isPresent()) {
            long at = Math.max(world.agenda.now() + 1, Agenda.millis(due.get()));
            if (at < tickAt) {
                tickAt = at;
                world.agenda.at(at, () -> tick(at));
            }
        }
    }

    private void tick(long at) {
        if (tickAt != at || !alive) {
            return; // an earlier one was asked for meanwhile
        }
        tickAt = Long.MAX_VALUE;
        if (loop.nextDue().filter(due -> !due.isAfter(world.agenda.instant())).isPresent()) {
            tell(new IpamEvent.Tick());
        } else {
            wakeUp();
        }
    }

    private void carryOut(IpamCommand command) {
        switch (command) {
            case IpamCommand.Say say -> say(say.session(), say.word());
            case IpamCommand.EndSession end -> {
                Line line = lines.remove(end.session());
                if (line != null) {
                    line.down(agent -> agent.ended(line, end.end()));
                    tell(new IpamEvent.SessionClosed(end.session()));
                }
            }
            case IpamCommand.AnswerAllocate answer -> answer(allocates.remove(answer.ticket()), answer.outcome());
            case IpamCommand.AnswerReport answer -> answer(reports.remove(answer.ticket()), answer.outcome());
            case PoolCommand pool -> call(pool);
            case IpamCommand.Describe describe ->
                world.send(
                        () -> world.describe(describe.instance())
                                .ifPresentOrElse(
                                        seen -> world.send(() -> tell(seen)),
                                        () -> world.agenda.after(
                                                2000,
                                                () -> tell(
                                                        new IpamEvent.DescribeFailed(describe.instance(), "not now")))),
                        () -> world.agenda.after(
                                2000, () -> tell(new IpamEvent.DescribeFailed(describe.instance(), "no answer"))));
            case IpamCommand.Anchor anchor -> world.node(anchor.node()).anchor(anchor.ledgerId());
            case IpamCommand.StepDown _ -> world.outranked(this);
            case IpamCommand.Notice notice -> world.checks.noticed(notice);
            case IpamCommand.Audit _,
                    IpamCommand.ShowStatus _,
                    IpamCommand.AnchorPodCidrs _,
                    io.terway.ipam.FixedCommand _ -> {}
        }
    }

    private static <T> void answer(Consumer<T> waiting, T outcome) {
        if (waiting != null) {
            waiting.accept(outcome);
        }
    }

    private void say(SessionId session, Word word) {
        Line line = lines.get(session);
        if (line != null) {
            line.down(agent -> agent.hears(line, term, word));
            if (word instanceof Word.Withdraw withdraw && !world.rules.silenceIsNoConsent()) {
                world.agenda.after(1, () -> acknowledged(session, withdraw.number(), withdraw.addresses(), List.of()));
            }
        }
    }

    /** A call to eni-manager; whatever happens, it ends here. */
    private void call(PoolCommand command) {
        boolean[] ended = new boolean[1];
        Consumer<OperationResult> end = result -> {
            if (!ended[0]) {
                ended[0] = true;
                tell(new IpamEvent.OperationEnded(command.operation(), result));
            }
        };
        int attempt = attempts.merge(command.operation(), 1, Integer::sum);
        String id = world.rules.operationId(term, command, attempt);
        world.agenda.after(CALL_TIMEOUT, () -> end.accept(new OperationResult.Unreached("no answer")));
        world.send(() -> {
            if (!world.eniManager.isUp()) {
                return;
            }
            Optional<Long> overtaken = world.eniManager.overtaken(term);
            if (overtaken.isPresent()) {
                world.send(() -> world.outranked(this));
                return;
            }
            world.eniManager.run(
                    id, command, world.candidates(command), result -> world.send(() -> end.accept(result)));
        });
    }
}
