package io.terway.sim;

import io.terway.ipam.SessionId;
import io.terway.net.NodeName;
import java.util.function.Consumer;

/** One session's stream: ordered both ways, until it breaks; what was on its way then is lost. */
final class Line {

    private final World world;
    private final SimAgent agent;
    private final SimLeader leader;
    private final SessionId id;
    private long upAt;
    private long downAt;
    private boolean open = true;

    Line(World world, SimAgent agent, SimLeader leader, SessionId id) {
        this.world = world;
        this.agent = agent;
        this.leader = leader;
        this.id = id;
    }

    SessionId id() {
        return id;
    }

    NodeName node() {
        return agent.node.name();
    }

    SimLeader leader() {
        return leader;
    }

    /** The agent says something. */
    void up(Consumer<SimLeader> word) {
        upAt = Math.max(upAt, world.agenda.now() + world.weather.delay());
        world.agenda.at(upAt, () -> {
            if (open && leader.isAlive()) {
                word.accept(leader);
            }
        });
    }

    /** The leader says something. */
    void down(Consumer<SimAgent> word) {
        downAt = Math.max(downAt, world.agenda.now() + world.weather.delay());
        world.agenda.at(downAt, () -> {
            if (open && agent.isAlive()) {
                word.accept(agent);
            }
        });
    }

    /** Ends; each side learns of it in its own time. */
    void cut() {
        if (open) {
            open = false;
            world.agenda.after(world.weather.between(1, 20_000), () -> leader.closed(id));
            world.agenda.after(world.weather.between(1, 5_000), () -> agent.disconnected(this));
        }
    }
}
