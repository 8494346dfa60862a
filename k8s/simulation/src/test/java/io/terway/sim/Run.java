package io.terway.sim;

import java.util.List;

/** One seed's run: stretches of chaos, each followed by a calm in which everything must come right. */
final class Run {

    private static final int STRETCH = 40_000;
    private static final long CALM = 900_000;

    /** Many times what a calm takes. */
    private static final int MOST_IN_CALM = 20_000;

    private final World world;
    private long steps;
    private boolean chaos;

    Run(long seed, Rules rules, boolean tracing) {
        this(seed, Shape.USUAL, rules, tracing);
    }

    Run(long seed, Shape shape, Rules rules, boolean tracing) {
        world = new World(seed, shape, rules, tracing);
        act();
        watch();
        operate();
    }

    long steps() {
        return steps;
    }

    String traced() {
        return world.traced();
    }

    /** Goes on for at least so many steps. */
    void go(long atLeast) {
        while (steps < atLeast) {
            chaos = true;
            world.weather.calm(false);
            world.cloud.tighten();
            for (int i = 0; i < STRETCH; i++) {
                step();
            }
            chaos = false;
            world.weather.calm(true);
            world.cloud.relieve();
            world.nodes.forEach(node -> node.runtime().pause());
            long end = world.agenda.now() + CALM;
            long before = steps;
            while (world.agenda.now() < end) {
                step();
                if (steps - before > MOST_IN_CALM) {
                    throw new Broken(9, "no rest comes in calm");
                }
            }
            world.checks.settled();
            world.nodes.forEach(node -> node.runtime().resume());
        }
    }

    /** Invariant 7: with warm addresses sandboxes start though ipam-service, eni-manager and the cloud are all away. */
    void startsWithoutServices() {
        world.nodes.forEach(node -> node.runtime().pause());
        pass(CALM);
        world.silence();
        pass(60_000);
        for (SimNode node : world.nodes) {
            node.runtime().crashOne();
            node.killAgent();
        }
        pass(120_000);
        for (SimNode node : world.nodes) {
            if (!node.runtime().starting().isEmpty()) {
                throw new Broken(
                        7, node.name() + " does not start " + node.runtime().starting());
            }
        }
    }

    private void pass(long time) {
        long end = world.agenda.now() + time;
        while (world.agenda.now() < end) {
            step();
        }
    }

    private void step() {
        world.agenda.step();
        steps++;
    }

    private void act() {
        if (chaos) {
            strike(world.nodes.get(world.weather.between(0, world.nodes.size() - 1)));
        }
        world.agenda.after(world.weather.between(500, 8_000), this::act);
    }

    private void strike(SimNode node) {
        switch (world.weather.between(0, 39)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> node.killAgent();
            case 8, 9, 10, 11 -> node.losePower();
            case 12, 13, 14, 15, 16, 17 -> node.agent().ifPresent(SimAgent::breakLine);
            case 18, 19 -> world.killLeader();
            case 20, 21, 22 -> world.overtakeLeader();
            case 23, 24 -> world.eniManager.crash();
            case 25 -> node.replace();
            case 26 -> node.cloneDisk(world.nodes.get(world.weather.between(0, world.nodes.size() - 1)));
            case 27 -> {
                if (world.weather.coin(0.2)) {
                    node.disk().rot(SimNode.LEDGER);
                }
            }
            case 28 -> node.copyDisk();
            case 29 -> node.restoreDisk();
            default -> node.runtime().crashOne();
        }
    }

    /** eni-manager's watch. */
    private void watch() {
        List<SimNode> nodes = world.nodes;
        world.watch(nodes.get(world.weather.between(0, nodes.size() - 1)).instance());
        world.agenda.after(world.weather.between(200, 4_000), this::watch);
    }

    /** A person replaces nodes that are in quarantine, and cleans up in the cloud. */
    private void operate() {
        for (SimNode node : world.nodes) {
            if (node.agent().filter(agent -> !agent.quarantine().isEmpty()).isPresent()) {
                node.replace();
            }
        }
        world.cloud.collect();
        world.agenda.after(60_000, this::operate);
    }
}
