package io.terway.sim;

import io.terway.ipam.IpamEvent;
import io.terway.ipam.PoolOverride;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import io.terway.net.ZoneId;
import io.terway.node.commit.AfterBoot;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Journal;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.OfferedAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine: its disk, its kernel with the sandboxes' links, its spool, and the agent that runs on it or does not. */
final class SimNode {

    static final Path LEDGER = Path.of("/var/lib/terway/ledger");
    private static final int SPOOL = 1000;

    private final World world;
    private final NodeName name;
    private final ZoneId zone;
    private final SimDisk disk;
    private final Map<SandboxKey, Plumbed> kernel = new HashMap<>();
    private final Deque<SimAgent.Del> spool = new ArrayDeque<>();
    private final SimRuntime runtime;
    private SimAgent agent;
    private int machine;
    private int boots;
    private long bootedAt;
    private Duration lastCall = Duration.ZERO;
    /** The boot in which a leader welcomed the ledger last: outlives the agent. */
    private String confirmedBoot = "";

    private AfterBoot standing = new AfterBoot(false, 0);

    /** Its disk is another's copy, perhaps of its own past, and no leader has looked at it yet: it promises nothing. */
    private boolean cloned;

    private Optional<SimDisk> copy = Optional.empty();

    private boolean up = true;
    private boolean inApi = true;
    private Optional<String> anchor = Optional.empty();

    private record Plumbed(String uid, List<Ip> ips) {}

    SimNode(World world, int number) {
        this.world = world;
        this.name = new NodeName("n" + number);
        this.zone = new ZoneId("zone-" + number % 2);
        this.disk = new SimDisk(world.weather, world.rules);
        this.runtime = new SimRuntime(world, this);
        machine = 1;
        boots = 1;
        world.cloud.launch(instance(), this);
    }

    NodeName name() {
        return name;
    }

    ZoneId zone() {
        return zone;
    }

    SimDisk disk() {
        return disk;
    }

    SimRuntime runtime() {
        return runtime;
    }

    InstanceId instance() {
        return new InstanceId("i-" + name + "-" + machine);
    }

    String uid() {
        return "uid-" + name + "-" + machine;
    }

    String bootId() {
        return "boot-" + name + "-" + boots;
    }

    BootTime now() {
        return new BootTime(bootId(), Duration.ofMillis(world.agenda.now() - bootedAt));
    }

    /** When a plugin starts now: no two start at once, as none starts before the one it waits for has ended. */
    Duration callStarts() {
        Duration next = lastCall.plusNanos(1);
        Duration clock = now().sinceBoot();
        lastCall = next.compareTo(clock) > 0 ? next : clock;
        return lastCall;
    }

    void confirmed() {
        confirmedBoot = bootId();
        standing = standing.welcomed();
        cloned = false;
    }

    /** An agent begins with a ledger. */
    void begins(LedgerState ledger) {
        standing = AfterBoot.of(ledger, bootId().equals(confirmedBoot));
    }

    /** Rule 11: what the agent's own chooser may take of its ledger, as instance metadata tells. */
    boolean mayChoose(OfferedAddress address) {
        return !world.rules.usesWhatIsThere()
                || standing.trusts(address, now())
                || world.cloud.carries(instance(), address.eni(), address.ip());
    }

    /** Rule 11: what it takes of it when a leader proposes it. */
    boolean believes(OfferedAddress address) {
        return world.rules.believesLeaders() || mayChoose(address);
    }

    boolean isUp() {
        return up;
    }

    Optional<SimAgent> agent() {
        return Optional.ofNullable(agent).filter(SimAgent::isAlive);
    }

    IpamEvent seen() {
        return inApi
                ? new IpamEvent.NodeSeen(name, uid(), Optional.of(instance()), anchor, PoolOverride.NONE)
                : new IpamEvent.NodeGone(name);
    }

    void anchor(String ledgerId) {
        String uid = uid();
        world.send(() -> {
            if (uid.equals(uid())) {
                anchor = Optional.of(ledgerId);
                world.announce(this);
            }
        });
    }

    void startAgent() {
        if (up && agent().isEmpty()) {
            agent = new SimAgent(world, this);
            agent.start();
            if (agent.ledger().isPresent()) {
                List.copyOf(spool).forEach(del -> agent.replay(del, () -> spool.remove(del)));
            }
        }
    }

    /** kill -9: the page cache and the kernel live on. */
    void killAgent() {
        if (agent().isPresent()) {
            world.trace(() -> name + " agent is killed");
            agent.die();
            world.agenda.after(world.weather.between(500, 8_000), this::startAgent);
        }
    }

    /** The power goes, and comes back. */
    void losePower() {
        if (!up) {
            return;
        }
        goDown();
        disk.lose();
        world.agenda.after(world.weather.between(4_000, 90_000), this::boot);
    }

    private void goDown() {
        world.trace(() -> name + " goes down");
        up = false;
        if (agent != null) {
            agent.die();
        }
        List.copyOf(kernel.keySet()).forEach(this::unplumb);
        runtime.powerLost();
    }

    private void boot() {
        boots++;
        bootedAt = world.agenda.now() - 2_000;
        lastCall = Duration.ZERO;
        up = true;
        world.trace(() -> name + " boots " + boots);
        spool.clear(); // the plugin names the boot it parks in; the agent drops what is of an earlier one
        runtime.booted();
        world.agenda.after(world.weather.between(500, 5_000), this::startAgent);
        if (world.weather.strikes(0.2)) {
            world.agenda.after(world.weather.between(500, 6_000), this::losePower); // it does not come up at once
        }
    }

    /** Another machine takes over the name; the former one and its disk are gone for good. */
    void replace() {
        if (!up) {
            return;
        }
        goDown();
        spool.clear();
        runtime.drained();
        world.cloud.release(instance());
        disk.remove(LEDGER);
        copy = Optional.empty();
        cloned = false;
        anchor = Optional.empty();
        inApi = false;
        world.announce(this);
        String before = instance().value();
        world.agenda.after(world.weather.between(0, 5_000), () -> world.released(new InstanceId(before)));
        world.agenda.after(world.weather.between(10_000, 90_000), () -> {
            machine++;
            inApi = true;
            world.cloud.launch(instance(), this);
            world.announce(this);
            boot();
        });
    }

    /** The machine comes back with a copy of another's disk. */
    void cloneDisk(SimNode other) {
        if (up) {
            goDown();
            disk.clone(other.disk);
            cloned = true;
            world.agenda.after(world.weather.between(4_000, 60_000), this::boot);
        }
    }

    /** Somebody keeps a copy of its disk, as it is now. */
    void copyDisk() {
        copy = Optional.of(disk.copy());
    }

    /** The machine goes down and comes back with what its disk was when it was copied. */
    void restoreDisk() {
        if (up && copy.isPresent()) {
            goDown();
            disk.clone(copy.get());
            cloned = true;
            world.agenda.after(world.weather.between(4_000, 60_000), this::boot);
        }
    }

    /** The runtime calls the plugin for a DEL: an agent that is away finds it later. */
    void del(SimAgent.Del del, Runnable answered) {
        // Without its ledger an agent cannot tell a late DEL from a new one: it stays parked.
        if (agent().flatMap(SimAgent::ledger).isPresent()) {
            agent.del(del, answered);
        } else if (world.rules.spools()) {
            if (spool.size() >= SPOOL) {
                throw new Broken(9, "the spool of " + name + " is full");
            }
            spool.add(del);
            answered.run();
        } else {
            answered.run();
        }
    }

    /** Connects a sandbox; false when its namespace is gone. */
    boolean plumb(SandboxKey key, String uid, List<Ip> ips, EniId eni) {
        if (!runtime.hasNamespace(key)) {
            return false;
        }
        kernel.put(key, new Plumbed(uid, ips));
        for (Ip ip : ips) {
            world.truth.begins(this, key, uid, ip, world.cloud.carries(instance(), eni, ip));
        }
        return true;
    }

    boolean isPlumbed(SandboxKey key) {
        return kernel.containsKey(key);
    }

    /** The traffic of a sandbox ends: by the agent, or because its namespace went. */
    void unplumb(SandboxKey key) {
        Plumbed plumbed = kernel.remove(key);
        if (plumbed != null) {
            plumbed.ips.forEach(ip -> world.truth.ends(this, key, ip));
        }
    }

    /** True when the agent, or the next one, may hand the address out. */
    boolean mayUse(Ip ip) {
        Optional<LedgerState> ledger = agent().flatMap(SimAgent::ledger);
        if (agent().isEmpty()) {
            ledger = disk.read(LEDGER)
                    .map(Journal::recover)
                    .flatMap(found -> found instanceof Journal.Recovery.Recovered whole
                            ? Optional.of(whole.state())
                            : Optional.empty());
        }
        return !cloned && ledger.filter(state -> state.offered(ip).isPresent()).isPresent();
    }
}
