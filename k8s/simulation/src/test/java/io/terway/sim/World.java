package io.terway.sim;

import io.terway.ipam.CloudEni;
import io.terway.ipam.CloudInstance;
import io.terway.ipam.ConfigReading;
import io.terway.ipam.EniConfig;
import io.terway.ipam.EniConfigReader;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.PoolCommand;
import io.terway.ipam.SessionId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.NodeName;
import io.terway.net.VSwitchId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** All parts of one cluster, the network between them, and its leaders. */
final class World {

    private static final int TRACE = 400;
    /** -Dfocus=REGEX prints all lines of a replay that match, however long ago. */
    private static final String FOCUS = System.getProperty("focus");

    private static final int NODES = 8;

    final Agenda agenda = new Agenda();
    final Weather weather;
    final Rules rules;
    final Shape shape;
    final Truth truth = new Truth(agenda);
    final SimCloud cloud;
    final SimEniManager eniManager;
    final Checks checks = new Checks(this);
    final List<SimNode> nodes = new ArrayList<>();
    private final List<SimLeader> former = new ArrayList<>();
    private final boolean tracing;
    private final Deque<String> trace = new ArrayDeque<>();
    private final EniConfig config;
    private Optional<SimLeader> leader = Optional.empty();
    private boolean electing = true;
    private long term;
    private int sessions;
    private int requests;
    private int pods;
    private int containers;

    World(long seed, Shape shape, Rules rules, boolean tracing) {
        this.shape = shape;
        this.config = eniConfig(shape);
        this.weather = new Weather(seed);
        this.rules = rules;
        this.tracing = tracing;
        cloud = new SimCloud(agenda, weather, truth, shape, 2, 24);
        eniManager = new SimEniManager(agenda, weather, rules, cloud);
        for (int i = 0; i < NODES; i++) {
            nodes.add(new SimNode(this, i));
        }
        elect();
        nodes.forEach(node -> {
            node.startAgent();
            node.runtime().churn();
        });
    }

    private static EniConfig eniConfig(Shape shape) {
        Map<String, Object> eniConf = new HashMap<>(shape.eniConf());
        eniConf.putAll(Map.of(
                "version",
                "1",
                "min_pool_size",
                2,
                "max_pool_size",
                4,
                "vswitches",
                Map.of("zone-0", List.of("vsw-0-0", "vsw-0-1"), "zone-1", List.of("vsw-1-0", "vsw-1-1")),
                "ip_warmup",
                Map.of("enable", true, "warmup_interval_seconds", 20, "warmup_batch_size", 4),
                "resource_gc",
                Map.of("enable", true, "interval_seconds", 60, "idle_ip_ttl_seconds", 60)));
        return switch (EniConfigReader.read(eniConf, Map.of("eniip_virtual_type", "veth"))) {
            case ConfigReading.Accepted accepted -> accepted.config();
            case ConfigReading.Refused refused -> throw new IllegalStateException(refused.toString());
        };
    }

    EniConfig config() {
        return config;
    }

    SessionId newSession() {
        return new SessionId("s" + ++sessions);
    }

    int newRequest() {
        return ++requests;
    }

    int newPod() {
        return ++pods;
    }

    int newContainer() {
        return ++containers;
    }

    /** A message of its own: lost, doubled, late, overtaken. */
    void send(Runnable arrives) {
        send(arrives, () -> {});
    }

    /** @param lost what its sender does when it never arrives */
    void send(Runnable arrives, Runnable lost) {
        if (weather.strikes(0.02)) {
            lost.run();
            return;
        }
        agenda.after(weather.delay(), arrives);
        if (weather.strikes(0.02)) {
            agenda.after(weather.delay(), arrives);
        }
    }

    // ---- leaders ----

    void elect() {
        if (leader.isEmpty() && electing) {
            leader = Optional.of(new SimLeader(this, ++term));
        }
    }

    /** The leader dies; another is found after its lease has run out. */
    void killLeader() {
        leader.ifPresent(SimLeader::stop);
        leader = Optional.empty();
        agenda.after(weather.between(1_000, 20_000), this::elect);
    }

    /** Nobody leads any more, and eni-manager is gone. */
    void silence() {
        leader.ifPresent(SimLeader::stop);
        leader = Optional.empty();
        electing = false;
        eniManager.stop();
    }

    /** Another is elected; the former one does not know and goes on for a while. */
    void overtakeLeader() {
        leader.ifPresent(old -> {
            former.add(old);
            agenda.after(weather.between(1_000, 30_000), () -> retire(old));
            leader = Optional.empty();
            elect();
        });
    }

    private void retire(SimLeader old) {
        old.stop();
        former.remove(old);
    }

    /** A leader hears that it was overtaken. */
    void outranked(SimLeader who) {
        if (who.isAlive()) {
            retire(who);
            if (leader.equals(Optional.of(who))) {
                leader = Optional.empty();
                agenda.after(1_000, this::elect);
            }
        }
    }

    /** Whom an agent finds: mostly the leader, sometimes one that still thinks it is. */
    Optional<SimLeader> leaderFor() {
        return !former.isEmpty() && weather.coin(0.3)
                ? Optional.of(former.get(weather.between(0, former.size() - 1)))
                : leader;
    }

    private void tellLeaders(IpamEvent event) {
        leader.ifPresent(now -> agenda.after(weather.delay(), () -> now.tell(event)));
        former.forEach(old -> agenda.after(weather.delay(), () -> old.tell(event)));
    }

    void announce(SimNode node) {
        tellLeaders(node.seen());
    }

    // ---- cloud ----

    SimNode node(NodeName name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What eni-manager says of an instance; empty when it does not answer. */
    Optional<IpamEvent> describe(InstanceId instance) {
        if (!eniManager.isUp()) {
            return Optional.empty();
        }
        Optional<SimNode> node =
                nodes.stream().filter(n -> n.instance().equals(instance)).findFirst();
        boolean released = !cloud.exists(instance);
        List<CloudEni> enis = cloud.of(instance).stream().map(Translate::eni).toList();
        List<VSwitchId> zone = node.map(n -> cloud.vSwitches(n.zone())).orElse(List.of());
        return Optional.of(new IpamEvent.InstanceSeen(new CloudInstance(
                instance,
                new InstanceType("ecs.sim"),
                node.map(SimNode::zone).orElse(new io.terway.net.ZoneId("zone-0")),
                released,
                shape.limits(),
                enis,
                zone.stream().findFirst(),
                List.of())));
    }

    List<VSwitchId> candidates(PoolCommand command) {
        return nodes.stream()
                .filter(node -> node.instance().equals(command.instance()))
                .findFirst()
                .map(node -> cloud.vSwitches(node.zone()))
                .orElse(List.of(new VSwitchId("vsw-0-0")));
    }

    /** eni-manager's watch shows an instance. */
    void watch(InstanceId instance) {
        describe(instance).ifPresent(this::tellLeaders);
    }

    void released(InstanceId instance) {
        watch(instance);
    }

    // ---- trace ----

    /** What the leader thinks of a node, for a failure's message. */
    String view(SimNode node) {
        return leader.flatMap(now -> now.loop().view(node.name()))
                .map(Object::toString)
                .orElse("the leader does not know " + node.name());
    }

    void trace(Supplier<String> what) {
        if (tracing) {
            if (trace.size() == TRACE) {
                trace.removeFirst();
            }
            String line = agenda.now() + " " + what.get();
            trace.add(line);
            if (FOCUS != null && line.matches(FOCUS)) {
                System.out.println(line);
            }
        }
    }

    String traced() {
        return String.join("\n", trace);
    }
}
