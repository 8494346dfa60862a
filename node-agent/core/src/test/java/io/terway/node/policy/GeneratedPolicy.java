package io.terway.node.policy;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Small random policies in which rules, sets and pods meet often. */
public final class GeneratedPolicy {

    /** Ports that rules and probes draw from. */
    public static final int[] PORTS = {53, 80, 81, 443, 8080};

    private GeneratedPolicy() {}

    /** A policy over these addresses: the first {@code pods} of each family are pods of this node. */
    public static NodePolicy of(Random random, List<Ip> addresses, int pods) {
        Map<String, PolicySet> sets = new HashMap<>();
        for (int i = 0; i < 6; i++) {
            PolicySet set = set(random, "a" + i, addresses, i);
            sets.put(set.id(), set);
        }
        Map<String, PolicyProgram> programs = new HashMap<>();
        for (int i = 0; i < 6; i++) {
            PolicyProgram program = program(random, "b" + i, i % 2 == 0 ? Direction.INGRESS : Direction.EGRESS, sets);
            programs.put(program.id(), program);
        }
        List<PodPolicy> held = new ArrayList<>();
        for (int i = 0; i < pods; i++) {
            PodLife life = new PodLife(new PodRef("ns", "pod-" + i), "uid-" + i);
            Hold ingress = hold(random, programs, Direction.INGRESS);
            Hold egress = hold(random, programs, Direction.EGRESS);
            held.add(new PodPolicy(life, own(addresses, i, pods), ingress, egress));
        }
        return new NodePolicy(sets, programs, held);
    }

    private static List<Ip> own(List<Ip> addresses, int pod, int pods) {
        List<Ip> out = new ArrayList<>();
        for (Family family : Family.values()) {
            List<Ip> those =
                    addresses.stream().filter(ip -> ip.family() == family).toList();
            if (pod < those.size()) {
                out.add(those.get(pod));
            }
        }
        return out;
    }

    private static Hold hold(Random random, Map<String, PolicyProgram> programs, Direction direction) {
        List<String> fitting = programs.values().stream()
                .filter(p -> p.direction() == direction)
                .map(PolicyProgram::id)
                .sorted()
                .toList();
        return switch (random.nextInt(6)) {
            case 0 -> new Hold.Free();
            case 1 -> new Hold.Isolated();
            default -> new Hold.ByProgram(fitting.get(random.nextInt(fitting.size())));
        };
    }

    private static PolicySet set(Random random, String id, List<Ip> addresses, int kind) {
        Set<Ip> some = new HashSet<>();
        addresses.forEach(ip -> {
            if (random.nextInt(3) == 0) {
                some.add(ip);
            }
        });
        if (kind < 3) {
            return new PolicySet.Addresses(id, some);
        }
        if (kind == 3) {
            Set<Endpoint> endpoints = new HashSet<>();
            some.forEach(ip -> endpoints.add(new Endpoint(ip, transport(random), port(random))));
            return new PolicySet.Endpoints(id, endpoints);
        }
        Set<Cidr> blocks = new HashSet<>();
        some.forEach(ip -> blocks.add(Cidr.containing(ip, ip.family().bits() - random.nextInt(2))));
        List<Cidr> disjoint = blocks.stream()
                .filter(b -> blocks.stream().noneMatch(o -> !o.equals(b) && o.contains(b)))
                .sorted()
                .toList();
        return new PolicySet.Blocks(id, disjoint);
    }

    private static PolicyProgram program(Random random, String id, Direction direction, Map<String, PolicySet> sets) {
        boolean isolated = random.nextInt(4) != 0;
        List<ProgramRule> admin = new ArrayList<>();
        List<ProgramRule> rules = new ArrayList<>();
        List<ProgramRule> baseline = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            admin.add(rule(random, "admin", i, Action.values()[random.nextInt(3)], direction, sets));
        }
        for (int i = random.nextInt(4); i > 0 && isolated; i--) {
            rules.add(rule(random, "ns/p", i, Action.ACCEPT, direction, sets));
        }
        for (int i = random.nextInt(3); i > 0 && !isolated; i--) {
            baseline.add(rule(random, "base", i, Action.values()[random.nextInt(3)], direction, sets));
        }
        return new PolicyProgram(id, direction, admin, isolated, rules, baseline, List.of("ns/p"));
    }

    private static ProgramRule rule(
            Random random, String policy, int index, Action action, Direction direction, Map<String, PolicySet> sets) {
        boolean named = direction == Direction.EGRESS && random.nextInt(4) == 0;
        if (named) {
            return new ProgramRule(
                    policy, index, action, false, List.of(PeerMatch.in("a3")), true, List.of(), List.of());
        }
        List<PeerMatch> peers = new ArrayList<>();
        for (String id : List.of("a0", "a1", "a2", "a4", "a5")) {
            if (random.nextInt(4) == 0) {
                boolean outside = random.nextInt(5) == 0;
                List<Family> families = outside && random.nextBoolean()
                        ? List.of(Family.values()[random.nextInt(2)])
                        : List.of(Family.values());
                peers.add(new PeerMatch(id, outside, families));
            }
        }
        List<PortSpan> ports = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            ports.add(span(random));
        }
        return new ProgramRule(policy, index, action, peers.isEmpty(), peers, ports.isEmpty(), ports, List.of());
    }

    private static PortSpan span(Random random) {
        Transport transport = transport(random);
        int port = port(random);
        return switch (random.nextInt(4)) {
            case 0 -> PortSpan.all(transport);
            case 1 -> new PortSpan(transport, port, port + random.nextInt(400));
            default -> new PortSpan(transport, port, port);
        };
    }

    private static Transport transport(Random random) {
        return Transport.values()[random.nextInt(2)];
    }

    private static int port(Random random) {
        return PORTS[random.nextInt(PORTS.length)];
    }
}
