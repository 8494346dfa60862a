package io.terway.lab.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Laws of the planner over generated clouds; the seed is the test's name. */
class FabricPlannerProperties {
    private static final Cidr SUBNET = Cidr.parse("10.0.0.0/24");
    private static final Cidr SUBNET6 = Cidr.parse("2408::/64");

    static Stream<Long> seeds() {
        return Stream.iterate(1L, seed -> seed + 1).limit(200L * Integer.getInteger("test.scale", 1));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void planningOnTheResultOfAPlanGivesNothing(long seed) {
        Random random = new Random(seed);
        RouterView before = FabricPlanner.wanted(cloud(random), List.of(SUBNET));
        List<Plug> plugs = cloud(random);

        RouterView after = ModelRouter.apply(before, FabricPlanner.plan(plugs, List.of(SUBNET), before));

        assertEquals(List.of(), FabricPlanner.plan(plugs, List.of(SUBNET), after));
        assertEquals(FabricPlanner.wanted(plugs, List.of(SUBNET)), after);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void anAddressIsNeverRoutedToTwoEnis(long seed) {
        Random random = new Random(seed);
        RouterView view = FabricPlanner.wanted(cloud(random), List.of(SUBNET));
        List<FabricOp> ops = FabricPlanner.plan(cloud(random), List.of(SUBNET), view);

        for (FabricOp op : ops) {
            view = ModelRouter.apply(view, List.of(op));
            Set<Cidr> routed = new HashSet<>();
            view.ports()
                    .values()
                    .forEach(port -> port.routes()
                            .forEach(route -> assertTrue(
                                    routed.add(route.to()), () -> route.to() + " is routed twice after " + op)));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatDoesNotChangeIsNotTouched(long seed) {
        Random random = new Random(seed);
        List<Plug> plugs = cloud(random);
        RouterView before = FabricPlanner.wanted(plugs, List.of(SUBNET));
        List<Plug> fewer = plugs.isEmpty() ? plugs : plugs.subList(1, plugs.size());

        List<FabricOp> ops = FabricPlanner.plan(fewer, List.of(SUBNET), before);

        Set<String> gone = new HashSet<>();
        plugs.stream().limit(1).forEach(plug -> {
            gone.add(Port.linkOf(plug.eni()));
            plug.addresses().forEach(ip -> gone.add(ip.toString()));
            fewer.stream()
                    .filter(member -> member.tag()
                            .map(Plug.Tag::trunk)
                            .filter(plug.eni()::equals)
                            .isPresent())
                    .forEach(member -> {
                        gone.add(Port.linkOf(member.eni()));
                        gone.add(member.eni().value());
                    });
        });
        ops.forEach(
                op -> assertTrue(gone.stream().anyMatch(op.toString()::contains), () -> op + " touches another ENI"));
    }

    /** Up to 6 ENIs on 3 nodes; the addresses of one cloud are on one ENI each, as the VPC guarantees. */
    private static List<Plug> cloud(Random random) {
        List<Integer> hosts = new ArrayList<>();
        for (int host = 1; host < 60; host++) {
            hosts.add(host);
        }
        Collections.shuffle(hosts, random);
        List<Plug> plugs = new ArrayList<>();
        for (int id = 0; id < 6; id++) {
            if (random.nextInt(4) == 0) {
                continue;
            }
            List<Ip> addresses = new ArrayList<>();
            for (int count = random.nextInt(1, 5); count > 0; count--) {
                addresses.add(SUBNET.network().plus(hosts.removeFirst()));
            }
            boolean ipv6 = random.nextBoolean();
            if (ipv6) {
                addresses.add(SUBNET6.network().plus(hosts.removeFirst()));
            }
            boolean member = id > 3 && random.nextBoolean();
            plugs.add(new Plug(
                    new EniId("eni-" + id),
                    new Mac(0x00163e000000L + id + (random.nextInt(5) == 0 ? 256 : 0)),
                    new NodeName("node-" + random.nextInt(1, 4)),
                    id < 3,
                    ipv6 ? List.of(SUBNET, SUBNET6) : List.of(SUBNET),
                    addresses,
                    random.nextInt(3) == 0 ? List.of(Cidr.parse("10.0.0." + (64 + 16 * id) + "/28")) : List.of(),
                    id == 0 && random.nextBoolean() ? List.of(Cidr.parse("192.168.1.0/24")) : List.of(),
                    member
                            ? Optional.of(new Plug.Tag(new EniId("eni-3"), 10 + random.nextInt(2) * 10 + id))
                            : Optional.empty(),
                    List.of()));
        }
        boolean trunk = plugs.stream().anyMatch(plug -> plug.eni().value().equals("eni-3"));
        return plugs.stream().filter(plug -> trunk || plug.tag().isEmpty()).toList();
    }

    /** What the kernel does with the operations, in the obvious way. */
    private static final class ModelRouter {
        private final TreeMap<String, Port> ports = new TreeMap<>();
        private final TreeSet<Ip> gateways;

        private ModelRouter(RouterView view) {
            view.ports().values().forEach(port -> ports.put(port.link(), port));
            gateways = new TreeSet<>(view.gateways());
        }

        static RouterView apply(RouterView view, List<FabricOp> ops) {
            ModelRouter router = new ModelRouter(view);
            ops.forEach(router::apply);
            TreeMap<EniId, Port> byEni = new TreeMap<>();
            router.ports.values().forEach(port -> byEni.put(port.eni(), port));
            return new RouterView(byEni, router.gateways, new TreeSet<>());
        }

        private void apply(FabricOp op) {
            switch (op) {
                case FabricOp.PlugPort plug ->
                    ports.put(Port.linkOf(plug.eni()), Port.bare(plug.eni(), plug.mac(), Optional.empty()));
                case FabricOp.PlugMember plug ->
                    ports.put(Port.linkOf(plug.eni()), Port.bare(plug.eni(), new Mac(0), Optional.empty()));
                case FabricOp.BindTag bind -> {
                    assertTrue(ports.containsKey(Port.linkOf(bind.tag().trunk())), () -> "no trunk for " + bind);
                    ports.computeIfPresent(
                            Port.linkOf(bind.eni()),
                            (link, port) -> new Port(
                                    port.eni(),
                                    bind.mac(),
                                    Optional.of(bind.tag()),
                                    port.neighbours(),
                                    port.answered(),
                                    port.routes(),
                                    port.sources()));
                }
                case FabricOp.UnbindTag unbind ->
                    assertTrue(ports.containsKey(Port.linkOf(unbind.tag().trunk())), () -> "no trunk for " + unbind);
                case FabricOp.Answer answer -> answer(answer.link(), answer.ip(), true);
                case FabricOp.StopAnswering stop -> answer(stop.link(), stop.ip(), false);
                case FabricOp.ConfigurePrimary primary -> {}
                case FabricOp.UnplugPorts unplug -> unplug.links().forEach(ports::remove);
                case FabricOp.AddGateway add -> gateways.add(add.gateway());
                case FabricOp.RemoveGateway remove -> gateways.remove(remove.gateway());
                case FabricOp.AddNeighbour add -> change(add.link(), add.ip(), true);
                case FabricOp.RemoveNeighbour remove -> change(remove.link(), remove.ip(), false);
                case FabricOp.AddRoute add -> change(add.link(), add.route(), true);
                case FabricOp.RemoveRoute remove -> change(remove.link(), remove.route(), false);
                case FabricOp.Allow allow -> change(allow.link(), allow.source(), true);
                case FabricOp.Forbid forbid -> change(forbid.link(), forbid.source(), false);
            }
        }

        private void change(String link, Object value, boolean add) {
            Port port = ports.get(link);
            TreeSet<Ip> neighbours = new TreeSet<>(port.neighbours());
            TreeSet<Port.Route> routes = new TreeSet<>(port.routes());
            TreeSet<Cidr> sources = new TreeSet<>(port.sources());
            boolean changed = switch (value) {
                case Ip ip -> add ? neighbours.add(ip) : neighbours.remove(ip);
                case Port.Route route -> add ? routes.add(route) : routes.remove(route);
                case Cidr source -> add ? sources.add(source) : sources.remove(source);
                default -> throw new AssertionError(value);
            };
            assertTrue(changed, () -> (add ? "second " : "no ") + value + " on " + link);
            ports.put(link, new Port(port.eni(), port.mac(), port.tag(), neighbours, port.answered(), routes, sources));
        }

        private void answer(String link, Ip ip, boolean add) {
            Port port = ports.get(link);
            TreeSet<Ip> answered = new TreeSet<>(port.answered());
            assertTrue(add ? answered.add(ip) : answered.remove(ip), () -> ip + " on " + link);
            ports.put(
                    link,
                    new Port(
                            port.eni(),
                            port.mac(),
                            port.tag(),
                            port.neighbours(),
                            answered,
                            port.routes(),
                            port.sources()));
        }
    }
}
