package io.terway.sim;

import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import java.util.Optional;

/** DEL: cut the traffic, write the release, answer. In the sandbox's lane. */
final class SimDel {

    private final SimAgent agent;
    private final SandboxKey key;

    SimDel(SimAgent agent, SandboxKey key) {
        this.agent = agent;
        this.key = key;
    }

    void run(SimAgent.Del call, Runnable done) {
        agent.world.trace(() -> agent.node.name() + " DEL " + call);
        Optional<Binding> held = agent.ledger().flatMap(state -> state.binding(key));
        if (held.isEmpty()) {
            cut();
            done.run();
        } else if (agent.world.rules.isOfLaterLife(held.get(), call.started(), agent.now())) {
            done.run();
        } else {
            end(held.get(), done);
        }
    }

    void end(Binding held, Runnable done) {
        if (!agent.book().state().binding(key).equals(Optional.of(held))) {
            done.run();
            return;
        }
        if (agent.world.rules.cutsFirst()) {
            cut();
            agent.after(agent.world.weather.between(0, 3), () -> {
                agent.release(key, true);
                done.run();
            });
        } else {
            agent.release(key, true);
            agent.after(agent.world.weather.between(0, 2_000), () -> {
                cut();
                done.run();
            });
        }
    }

    private void cut() {
        agent.world.checks.mayEnd(agent.node, key);
        agent.node.unplumb(key);
    }
}
