package io.terway.sim;

import io.terway.ipam.AllocateOutcome;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.RequestId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.commit.Claim;
import io.terway.node.commit.Commit;
import io.terway.node.commit.CommitResult;
import io.terway.node.commit.LocalChooser;
import io.terway.node.commit.Proposal;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.LedgerState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** ADD: get addresses, write that down, connect, answer; step by step, so that anything can happen in between. */
final class SimAdd {

    private static final long DEADLINE = 60_000;
    private static final long ANSWER_WITHIN = 300;

    private final SimAgent agent;
    private final World world;
    private final SimAgent.Add call;
    private final Consumer<Boolean> reply;
    private final String request;
    private final long deadline;
    private final Map<Ip, Attachment> refused = new LinkedHashMap<>();
    private int asked;
    private boolean fresh;

    SimAdd(SimAgent agent, SimAgent.Add call, Consumer<Boolean> reply) {
        this.agent = agent;
        this.world = agent.world;
        this.call = call;
        this.reply = reply;
        this.request = "r" + world.newRequest();
        this.deadline = world.agenda.now() + DEADLINE;
    }

    private SandboxKey key() {
        return call.key();
    }

    void run() {
        world.trace(() -> agent.node.name() + " ADD " + call);
        if (agent.ledger().isEmpty() || isDead() || agent.isOwed(key())) {
            end(false);
            return;
        }
        Optional<Binding> held = agent.book().state().binding(key());
        if (held.isPresent()) {
            again(held.get());
        } else {
            fresh = true;
            agent.mayBind(call);
            choose();
        }
    }

    private void again(Binding held) {
        try {
            if (held.pod().ref().equals(call.pod().ref())) {
                agent.book()
                        .renew(key(), new BootTime(agent.now().bootId(), call.started()))
                        .ifPresent(agent::bound);
                plumb(held);
                return;
            }
        } catch (IOException e) {
            world.trace(() -> "the disk of " + agent.node.name() + " refuses");
        }
        end(false);
    }

    private boolean isDead() {
        return world.rules.refuses(agent.tombstones, key(), call.started());
    }

    private void end(boolean success) {
        agent.after(world.weather.delay(), () -> reply.accept(success));
        agent.leave(key());
    }

    private void choose() {
        LedgerState state = agent.book().state();
        if (isDead() || !agent.quarantine().isEmpty() || world.agenda.now() >= deadline) {
            end(false);
            return;
        }
        if (state.config().isEmpty()) {
            agent.after(500, this::choose);
            return;
        }
        if (agent.session().isPresent()) {
            ask(agent.session().get());
        } else {
            local();
        }
    }

    private Set<Family> families() {
        return world.shape.stack().families();
    }

    private Claim claim() {
        return new Claim(
                key(),
                call.pod(),
                Path.of("/run/netns/" + key().containerId()),
                List.copyOf(families()),
                new BootTime(agent.now().bootId(), call.started()));
    }

    private void ask(Line to) {
        int mine = ++asked;
        List<Ip> no = Commit.unproposable(agent.book().state(), claim(), refused, agent.node::believes, agent.now());
        var question = new IpamEvent.Allocate(
                0,
                new RequestId(request),
                to.id(),
                agent.node.name(),
                key(),
                Translate.holder(call.pod()),
                families(),
                world.agenda.instant().plusMillis(deadline - world.agenda.now()),
                Set.copyOf(no));
        world.send(() -> to.leader()
                .allocate(
                        question,
                        outcome -> world.send(() -> {
                            if (agent.isAlive() && mine == asked) {
                                asked++;
                                answered(outcome);
                            }
                        })));
        agent.after(ANSWER_WITHIN, () -> {
            if (mine == asked) {
                asked++;
                local();
            }
        });
    }

    private void answered(AllocateOutcome outcome) {
        switch (outcome) {
            case AllocateOutcome.Proposed proposed -> commit(Translate.proposal(proposed));
            case AllocateOutcome.Pending pending ->
                agent.after(Math.clamp(pending.retryAfter().toMillis(), 50, 5_000), this::choose);
            case AllocateOutcome.Refused _ -> end(false);
            case AllocateOutcome.NoSession _, AllocateOutcome.WrongNode _ -> local();
        }
    }

    private void local() {
        Optional<Proposal> own = LocalChooser.choose(agent.book().state(), claim(), agent.now(), agent.node::mayChoose);
        if (own.isPresent() && !isDead()) {
            commit(own.get());
        } else {
            agent.after(1_000, this::choose);
        }
    }

    private void commit(Proposal proposal) {
        if (!world.rules.bindsFirst()) {
            plumbUnwritten(proposal);
            return;
        }
        try {
            switch (agent.book().commit(claim(), proposal, agent.node::believes, agent.now())) {
                case CommitResult.Committed committed -> {
                    Binding binding = committed.entry().binding();
                    agent.bound(binding);
                    agent.after(world.weather.between(0, 4), () -> plumb(binding));
                }
                case CommitResult.AlreadyHeld held -> plumb(held.binding());
                case CommitResult.Refused no -> {
                    refused.put(no.ip(), proposal.attachment());
                    agent.after(1, this::choose);
                }
                case CommitResult.Unfit _ -> end(false);
            }
        } catch (IOException e) {
            end(false);
        }
    }

    /** What rule 6 forbids: connect first, write then. */
    private void plumbUnwritten(Proposal proposal) {
        List<Ip> ips = new ArrayList<>(proposal.addresses());
        CommitResult would = Commit.decide(agent.book().state(), claim(), proposal, agent.now());
        if (would instanceof CommitResult.Committed first
                && agent.node.plumb(
                        key(), call.pod().uid(), ips, first.entry().binding().eni())) {
            agent.after(world.weather.between(0, 4), () -> {
                try {
                    if (agent.book().commit(claim(), proposal, agent.node::believes, agent.now())
                            instanceof CommitResult.Committed done) {
                        agent.bound(done.entry().binding());
                        end(true);
                        return;
                    }
                } catch (IOException e) {
                    agent.node.unplumb(key());
                }
                end(false);
            });
        } else {
            end(false);
        }
    }

    private void plumb(Binding binding) {
        if (world.rules.usesWhatIsThere() && !world.cloud.plugged(agent.node.instance(), binding.eni())) {
            if (world.agenda.now() < deadline && !isDead()) {
                agent.after(200, () -> plumb(binding));
                return;
            }
            if (fresh) {
                agent.release(key(), false);
            }
            end(false);
            return;
        }
        if (agent.node.plumb(key(), call.pod().uid(), binding.ips(), binding.eni())) {
            end(true);
            return;
        }
        if (fresh) {
            agent.node.unplumb(key());
            agent.release(key(), true);
        }
        end(false);
    }
}
