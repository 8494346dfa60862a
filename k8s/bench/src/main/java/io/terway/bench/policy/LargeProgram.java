package io.terway.bench.policy;

import io.terway.net.Ip;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Direction;
import io.terway.wire.policy.v1.Elements;
import io.terway.wire.policy.v1.IsolationIndex;
import io.terway.wire.policy.v1.PeerSet;
import io.terway.wire.policy.v1.PodPrograms;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.Port;
import io.terway.wire.policy.v1.Program;
import io.terway.wire.policy.v1.Rule;
import io.terway.wire.policy.v1.SetKind;
import io.terway.wire.policy.v1.SetUpdate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** What policy-service tells a node with 10,000 rules over 500 sets of 200 addresses, and how that changes. */
final class LargeProgram {

    static final String NAMESPACE = "bench";
    static final int PODS = 100;

    private static final int RULES_PER_POD = 100;
    private static final int SETS = 500;
    private static final int ELEMENTS = 200;
    private static final int MEMBER_BASE = 10 << 24 | 128 << 16;
    private static final int GUEST_BASE = 11 << 24;

    private final Random random = new Random(1);
    private final List<Set<Integer>> members = new ArrayList<>();

    LargeProgram() {
        for (int i = 0; i < SETS; i++) {
            Set<Integer> set = new HashSet<>();
            while (set.size() < ELEMENTS) {
                set.add(MEMBER_BASE + random.nextInt(1 << 20));
            }
            members.add(set);
        }
    }

    /** Pod number {@code i} is told what binds it by this name. */
    static String pod(int i) {
        return "pod-" + i;
    }

    /** All of it; one message, which is below what gRPC takes. */
    PolicyUpdate whole() {
        PolicyUpdate.Builder out = empty();
        for (int i = 0; i < SETS; i++) {
            out.addSets(set(i, true).setAdd(Elements.newBuilder().addAllIpv4(members.get(i))));
        }
        for (int i = 0; i < PODS; i++) {
            List<Rule> rules = new ArrayList<>();
            for (int r = 0; r < RULES_PER_POD; r++) {
                rules.add(rule(id(random.nextInt(SETS)), 80 + r % 20));
            }
            out.addPrograms(program("b" + i, Direction.INGRESS, rules)).addPods(bound(pod(i), "b" + i, ""));
        }
        return out.build();
    }

    /** Half of these elements leave one set, or several when it is too small, and as many come. */
    PolicyUpdate.Builder change(int elements) {
        PolicyUpdate.Builder out = PolicyUpdate.newBuilder();
        int first = random.nextInt(SETS);
        for (int i = 0, left = elements / 2; left > 0; i++) {
            Set<Integer> set = members.get((first + i) % SETS);
            List<Integer> gone = List.copyOf(set).subList(0, Math.min(left, ELEMENTS));
            List<Integer> come = new ArrayList<>();
            while (come.size() < gone.size()) {
                int guest = GUEST_BASE + random.nextInt(1 << 24);
                if (!set.contains(guest) && !come.contains(guest)) {
                    come.add(guest);
                }
            }
            gone.forEach(set::remove);
            set.addAll(come);
            out.addSets(set((first + i) % SETS, false)
                    .setAdd(Elements.newBuilder().addAllIpv4(come))
                    .setRemove(Elements.newBuilder().addAllIpv4(gone)));
            left -= gone.size();
        }
        return out;
    }

    /** Two pods only; the client may send and the server receive by the last of so many rules each. */
    static PolicyUpdate between(Ip client, Ip server, int rules) {
        PolicyUpdate.Builder out = empty();
        for (Direction direction : List.of(Direction.EGRESS, Direction.INGRESS)) {
            List<Rule> all = new ArrayList<>();
            Ip other = direction == Direction.EGRESS ? server : client;
            for (int i = 0; i < rules; i++) {
                String id = (direction == Direction.EGRESS ? "e" : "c") + i;
                int address = i == rules - 1 ? (int) other.low() : GUEST_BASE + i;
                out.addSets(SetUpdate.newBuilder()
                        .setId(id)
                        .setKind(SetKind.ADDRESSES)
                        .setFull(true)
                        .setAdd(Elements.newBuilder().addIpv4(address)));
                all.add(rule(id, 80));
            }
            out.addPrograms(program("d" + direction.getNumber(), direction, all));
        }
        return out.addPods(bound("client", "", "d" + Direction.EGRESS_VALUE))
                .addPods(bound("server", "d" + Direction.INGRESS_VALUE, ""))
                .build();
    }

    /** The same two pods, and no policy is about them. */
    static PolicyUpdate unbound() {
        return empty().addPods(bound("client", "", ""))
                .addPods(bound("server", "", ""))
                .build();
    }

    private static PolicyUpdate.Builder empty() {
        return PolicyUpdate.newBuilder()
                .setFull(true)
                .setIndex(IsolationIndex.newBuilder().addNamespaces(NAMESPACE));
    }

    private static SetUpdate.Builder set(int i, boolean full) {
        return SetUpdate.newBuilder().setId(id(i)).setKind(SetKind.ADDRESSES).setFull(full);
    }

    private static String id(int set) {
        return "a" + set;
    }

    private static Program program(String id, Direction direction, List<Rule> rules) {
        return Program.newBuilder()
                .setId(id)
                .setDirection(direction)
                .setIsolated(true)
                .addPolicies(NAMESPACE + "/policy")
                .addAllRules(rules)
                .build();
    }

    private static Rule rule(String set, int port) {
        return Rule.newBuilder()
                .setPolicy(NAMESPACE + "/policy")
                .addPeerSets(PeerSet.newBuilder().setSet(set))
                .addPorts(Port.newBuilder().setProtocol("TCP").setFirst(port).setLast(port))
                .addPorts(Port.newBuilder().setProtocol("UDP").setFirst(port).setLast(port))
                .build();
    }

    private static PodPrograms bound(String pod, String ingress, String egress) {
        return PodPrograms.newBuilder()
                .setPod(Pod.newBuilder().setNamespace(NAMESPACE).setName(pod).setUid("uid-" + pod))
                .setIngressProgram(ingress)
                .setEgressProgram(egress)
                .build();
    }
}
