package io.terway.lab.fabric;

import static io.terway.lab.fabric.Drill.group;
import static io.terway.lab.fabric.Drill.rule;
import static io.terway.lab.fabric.Drill.tell;

import io.terway.eni.sim.vpc.Firewall;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.SecurityRule;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.SecurityGroupId;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Random security groups, and a packet from each of three ENIs to each port of the others: it arrives exactly when the
 * evaluator of the twin, which knows no chains and sets, says that it does.
 */
final class GroupOracleDrill {
    private static final int ROUNDS = 25;
    private static final int PORTS = 3;
    private static final int FIRST_PORT = 8080;
    private static final Cidr SUBNET = Cidr.parse("10.0.0.0/24");
    private static final List<NodeName> NODES =
            List.of(new NodeName("node-1"), new NodeName("node-2"), new NodeName("node-3"));
    private static final List<Ip> IPS = List.of(Ip.parse("10.0.0.1"), Ip.parse("10.0.0.2"), Ip.parse("10.0.0.3"));
    private static final List<String> BLOCKS =
            List.of("10.0.0.1/32", "10.0.0.2/32", "10.0.0.2/31", "10.0.0.0/24", "0.0.0.0/0", "::/0");

    private final Fabric fabric = Fabric.open();
    private final Map<Way, DatagramSocket> servers = new HashMap<>();
    private final List<DatagramSocket> clients = new ArrayList<>();
    private int passed;
    private int dropped;

    /** A port of an ENI, by number. */
    private record Way(int eni, int port) {}

    public static void main(String[] arguments) throws IOException {
        Router.make(Ip.parse("100.100.0.10"), List.of(), NODES);
        GroupOracleDrill drill = new GroupOracleDrill();
        drill.round(new World(new Random(0)), false);
        drill.listen();
        boolean agrees = true;
        for (int number = 1; number <= ROUNDS; number++) {
            agrees &= drill.round(new World(new Random(number)), true);
        }
        tell("everyPacketMeetsItsGroupsAsTheEvaluatorSays", agrees);
        tell("bothVerdictsAreMetOften", drill.passed > ROUNDS && drill.dropped > ROUNDS);
    }

    /** Three groups and who is in them, made by chance. */
    private static final class World {
        private final Random random;
        private final List<SecurityGroup> groups = new ArrayList<>();
        private final List<List<SecurityGroup>> joined;
        private final Firewall firewall = new Firewall(this::members);

        World(Random random) {
            this.random = random;
            for (int i = 0; i < 3; i++) {
                SecurityRule[] rules = IntStream.range(0, random.nextInt(6))
                        .mapToObj(_ -> anyRule())
                        .toArray(SecurityRule[]::new);
                SecurityGroup.Kind kind =
                        random.nextInt(3) == 0 ? SecurityGroup.Kind.ENTERPRISE : SecurityGroup.Kind.NORMAL;
                groups.add(group("sg-" + i, kind, random.nextBoolean(), rules));
            }
            joined = IPS.stream().map(_ -> some()).toList();
        }

        private SecurityRule anyRule() {
            String protocol = List.of("udp", "udp", "all", "tcp", "icmp").get(random.nextInt(5));
            boolean ports = protocol.equals("udp") || protocol.equals("tcp");
            int first = ports ? FIRST_PORT + random.nextInt(PORTS) : -1;
            int last = ports ? first + random.nextInt(FIRST_PORT + PORTS - first) : -1;
            SecurityRule.Peer peer = random.nextBoolean()
                    ? new SecurityRule.Peer.Group(new SecurityGroupId("sg-" + random.nextInt(3)))
                    : new SecurityRule.Peer.Block(Cidr.parse(BLOCKS.get(random.nextInt(BLOCKS.size()))));
            return rule(
                    random.nextBoolean(), protocol, first, last, peer, random.nextInt(3) > 0, 1 + random.nextInt(3));
        }

        /** One group, or two of a kind, as the cloud demands. */
        private List<SecurityGroup> some() {
            SecurityGroup one = groups.get(random.nextInt(3));
            SecurityGroup other = groups.get(random.nextInt(3));
            return one.equals(other) || one.kind() != other.kind() ? List.of(one) : List.of(one, other);
        }

        private Set<Ip> members(SecurityGroupId id) {
            return IntStream.range(0, IPS.size())
                    .filter(eni -> joined.get(eni).stream()
                            .anyMatch(group -> group.id().equals(id)))
                    .mapToObj(IPS::get)
                    .collect(Collectors.toSet());
        }

        boolean passes(int from, Way to) {
            int port = FIRST_PORT + to.port();
            return firewall.accepts(joined.get(from), new Firewall.Packet(false, "udp", port, IPS.get(to.eni())))
                    && firewall.accepts(joined.get(to.eni()), new Firewall.Packet(true, "udp", port, IPS.get(from)));
        }

        List<Plug> plugs() {
            return IntStream.range(0, IPS.size()).mapToObj(this::plug).toList();
        }

        private Plug plug(int eni) {
            return new Plug(
                    new EniId("eni-" + (eni + 1)),
                    new Mac(0x00163e000001L + eni),
                    NODES.get(eni),
                    true,
                    List.of(SUBNET),
                    List.of(IPS.get(eni)),
                    List.of(),
                    List.of(),
                    Optional.empty(),
                    joined.get(eni).stream().map(SecurityGroup::id).toList());
        }
    }

    private void listen() {
        for (int eni = 0; eni < IPS.size(); eni++) {
            clients.add(Drill.open(NODES.get(eni), IPS.get(eni), 0));
            for (int port = 0; port < PORTS; port++) {
                servers.put(new Way(eni, port), Drill.open(NODES.get(eni), IPS.get(eni), FIRST_PORT + port));
            }
        }
    }

    private boolean round(World world, boolean probe) throws IOException {
        fabric.apply(world.plugs(), List.of(SUBNET), world.groups);
        if (!probe) {
            return true;
        }
        for (Way to : servers.keySet()) {
            for (int from = 0; from < clients.size(); from++) {
                if (from != to.eni()) {
                    InetAddress target =
                            InetAddress.getByAddress(IPS.get(to.eni()).bytes());
                    clients.get(from)
                            .send(new DatagramPacket(new byte[] {(byte) from}, 1, target, FIRST_PORT + to.port()));
                }
            }
        }
        boolean agrees = true;
        for (Way to : servers.keySet()) {
            agrees &= judge(world, to);
        }
        return agrees;
    }

    /** Waits long for what shall arrive, and a little for what shall not: a later arrival spoils the next round. */
    private boolean judge(World world, Way to) throws IOException {
        Set<Integer> wanted = IntStream.range(0, clients.size())
                .filter(from -> from != to.eni() && world.passes(from, to))
                .boxed()
                .collect(Collectors.toSet());
        Set<Integer> arrived = new HashSet<>();
        DatagramSocket server = servers.get(to);
        try {
            while (true) {
                server.setSoTimeout(arrived.containsAll(wanted) ? 20 : Drill.ARRIVES_MILLIS);
                DatagramPacket packet = new DatagramPacket(new byte[1], 1);
                server.receive(packet);
                arrived.add((int) packet.getData()[0]);
            }
        } catch (SocketTimeoutException silence) {
            passed += wanted.size();
            dropped += clients.size() - 1 - wanted.size();
        }
        if (!arrived.equals(wanted)) {
            System.err.println(to + " got packets of " + arrived + " instead of " + wanted + ": " + world.joined);
        }
        return arrived.equals(wanted);
    }
}
