package io.terway.node.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** From any wreck of a datapath the plan leads to what is wanted, and then there is nothing left to do. */
class DatapathPlannerProperties {

    private static final int CASES = 3000;
    private static final EniAttachment ENI = new EniAttachment(
            new EniId("eni-1"),
            Mac.parse("00:16:3e:00:00:01"),
            List.of(Cidr.parse("10.0.64.0/20"), Cidr.parse("fd00::/64")));

    @Test
    void planningOnTheResultOfAPodsPlanYieldsNothing() {
        for (long seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            PodAttachment pod = pod(random, random.nextInt(3));
            Wiring wanted = VethPolicyRoute.wanted(pod, 1002 + random.nextInt(2));
            KernelModel kernel = new KernelModel(wreck(
                    random,
                    wanted.state(),
                    VethPolicyRoute.wanted(pod(random, 0), 1004).state()));

            kernel.run(DatapathPlanner.plan(wanted, kernel.state()));

            assertEquals(List.of(), DatapathPlanner.plan(wanted, kernel.state()), "seed " + seed);
        }
    }

    @Test
    void planningOnTheResultOfAnEnisPlanYieldsNothing() {
        for (long seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            LinkEntry link = new LinkEntry("eth1", ENI.mac(), 1500 + random.nextInt(9), random.nextBoolean(), "");
            DatapathState wanted =
                    EniRoute.wanted(ENI, link, 2, 1500, Optional.of(random.nextBoolean() ? "eth0" : "eth1"));
            DatapathState found = new DatapathState(
                    new NetnsState(
                            List.of(link),
                            some(random, wanted.host().sysctls()),
                            List.of(),
                            List.of(),
                            link.up() ? some(random, wanted.host().routes(), r -> r) : List.of(),
                            List.of()),
                    NetnsState.EMPTY);
            KernelModel kernel = new KernelModel(found);

            kernel.run(DatapathPlanner.plan(wanted, found));

            assertEquals(List.of(), DatapathPlanner.plan(wanted, kernel.state()), "seed " + seed);
        }
    }

    @Test
    void aDelLeavesNothingOfTheSandboxAndAllOfOthers() {
        for (long seed = 0; seed < CASES; seed++) {
            Random random = new Random(seed);
            PodAttachment pod = pod(random, 0);
            NetnsState host = VethPolicyRoute.wanted(pod, 1002).state().host();
            PodAttachment other = pod(random, 1);
            NetnsState foreign = VethPolicyRoute.wanted(other, 1003).state().host();
            NetnsState both = union(some(random, host), foreign);
            KernelModel kernel = new KernelModel(new DatapathState(both, NetnsState.EMPTY));

            kernel.run(DelPlan.plan(pod.key(), pod.pod(), pod.addresses(), kernel.state()));

            NetnsState left = kernel.state().host();
            assertEquals(foreign.links(), left.links(), "seed " + seed);
            assertEquals(foreign.rules(), left.rules(), "seed " + seed);
            assertEquals(foreign.routes(), left.routes(), "seed " + seed);
            assertEquals(
                    List.of(), DelPlan.plan(pod.key(), pod.pod(), pod.addresses(), kernel.state()), "seed " + seed);
        }
    }

    private static PodAttachment pod(Random random, int n) {
        List<Ip> addresses = new ArrayList<>(List.of(Ip.parse("10.0.64." + (10 + n)), Ip.parse("fd00::" + (10 + n))));
        if (random.nextInt(3) == 0) {
            addresses.remove(random.nextInt(2));
        }
        return new PodAttachment(
                new SandboxKey("terway", "sandbox-" + n, "eth0"),
                new PodRef("default", "pod-" + n),
                Path.of("/run/netns/x"),
                addresses,
                new Connection.PolicyRoute(ENI),
                1500,
                Reach.NOTHING);
    }

    /** Parts of what is wanted and of what another wants, damaged. */
    private static DatapathState wreck(Random random, DatapathState wanted, DatapathState other) {
        NetnsState host =
                links(some(random, union(wanted.host(), aliased(random, other.host(), wanted.host()))), random);
        NetnsState pod = links(some(random, wanted.pod()), random);
        return new DatapathState(host, pod);
    }

    /** The other's objects on the wanted link's name, as an old sandbox of the same pod leaves them. */
    private static NetnsState aliased(Random random, NetnsState other, NetnsState wanted) {
        String name = wanted.links().getFirst().name();
        String alias = random.nextBoolean()
                ? "terway old/eth0"
                : wanted.links().getFirst().alias();
        LinkEntry link = new LinkEntry(name, new Mac(0x02_00_00_00_00_05L), 1400, true, alias);
        return new NetnsState(
                random.nextBoolean() ? List.of(link) : List.of(),
                new LinkedHashMap<>(),
                List.of(),
                List.of(),
                other.routes().stream()
                        .map(r -> new RouteEntry(r.destination(), r.gateway(), name, r.table()))
                        .toList(),
                other.rules());
    }

    /** Nothing is on a link that is not there, no route on one that is down. */
    private static NetnsState links(NetnsState s, Random random) {
        List<LinkEntry> links = s.links().stream()
                .map(l -> random.nextInt(4) == 0 ? new LinkEntry(l.name(), l.mac(), 1400, false, l.alias()) : l)
                .toList();
        NetnsState with = new NetnsState(links, s.sysctls(), s.addresses(), s.neighbours(), s.routes(), s.rules());
        return new NetnsState(
                links,
                s.sysctls(),
                s.addresses().stream()
                        .filter(a -> with.link(a.link()).isPresent())
                        .toList(),
                s.neighbours().stream()
                        .filter(n -> with.link(n.link()).isPresent())
                        .toList(),
                s.routes().stream()
                        .filter(r -> with.link(r.link()).filter(LinkEntry::up).isPresent())
                        .toList(),
                s.rules());
    }

    private static NetnsState union(NetnsState a, NetnsState b) {
        List<LinkEntry> links = new ArrayList<>(a.links());
        b.links().stream().filter(l -> a.link(l.name()).isEmpty()).forEach(links::add);
        SequencedMap<String, String> sysctls = new LinkedHashMap<>(a.sysctls());
        sysctls.putAll(b.sysctls());
        return new NetnsState(
                links,
                sysctls,
                both(a.addresses(), b.addresses()),
                both(a.neighbours(), b.neighbours()),
                both(a.routes(), b.routes()),
                both(a.rules(), b.rules()));
    }

    private static <T> List<T> both(List<T> a, List<T> b) {
        List<T> out = new ArrayList<>(a);
        b.stream().filter(x -> !a.contains(x)).forEach(out::add);
        return out;
    }

    private static NetnsState some(Random random, NetnsState s) {
        NetnsState kept = new NetnsState(
                some(random, s.links(), l -> l),
                some(random, s.sysctls()),
                some(random, s.addresses(), a -> a),
                some(random, s.neighbours(), n -> new NeighbourEntry(n.link(), n.ip(), new Mac(7))),
                some(random, s.routes(), r -> r),
                some(random, s.rules(), r -> new RuleEntry(r.priority(), r.from(), r.to(), 4000)));
        return links(kept, new Random(1));
    }

    /** Keeps each with a chance, changes some of those kept. */
    private static <T> List<T> some(Random random, List<T> all, UnaryOperator<T> damage) {
        return all.stream()
                .filter(_ -> random.nextInt(4) != 0)
                .map(x -> random.nextInt(4) == 0 ? damage.apply(x) : x)
                .toList();
    }

    private static SequencedMap<String, String> some(Random random, SequencedMap<String, String> all) {
        SequencedMap<String, String> kept = new LinkedHashMap<>();
        all.forEach((key, value) -> {
            if (random.nextBoolean()) {
                kept.put(key, random.nextBoolean() ? value : "9");
            }
        });
        return kept;
    }
}
