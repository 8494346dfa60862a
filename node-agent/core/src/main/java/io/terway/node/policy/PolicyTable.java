package io.terway.node.policy;

import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes a node's policy as an nftables table. Packets are judged once, at postrouting just before source NAT, where
 * Service translation and IPVS are done and the node's own packets still show its address: first the source pod's egress,
 * then the destination pod's ingress. A verdict map leads from a pod's address to the chain of its program; pods share
 * chains, chains share sets.
 *
 * <p>What did not change since the last call is not written again. One owner.
 */
public final class PolicyTable {

    private Map<PolicyProgram, List<NftChain>> chains = new IdentityHashMap<>();
    private Map<PolicySet, List<NftSet>> sets = new IdentityHashMap<>();
    private Set<Family> families = EnumSet.noneOf(Family.class);
    private final DenialLog log;
    private final TablePlace place;
    private final boolean leads;

    /** For a kernel that can do everything. */
    public PolicyTable(DenialLog log, TablePlace place) {
        this(log, place, true);
    }

    /**
     * @param log what is done with a packet before it is dropped
     * @param leads whether the kernel can lead connections to the HTTP proxy; otherwise their ports are closed
     */
    public PolicyTable(DenialLog log, TablePlace place, boolean leads) {
        this.log = log;
        this.place = place;
        this.leads = leads;
    }

    /**
     * The table for this policy. The node's is there without any pod too, to look at where packets come from; in a pod it
     * stays as long as the pod, so that its presence tells the pods that have one.
     */
    public NftTable of(NodePolicy policy) {
        List<PodPolicy> held = policy.pods().stream().filter(PodPolicy::isHeld).toList();
        if (place == TablePlace.POD && policy.pods().isEmpty()) {
            return NftTable.ABSENT;
        }
        if (place == TablePlace.NODE && held.isEmpty()) {
            Map<String, NftSet> known = new HashMap<>();
            OriginText.sets(place, policy, Set.of()).forEach(set -> known.put(set.name(), set));
            return new NftTable(
                    known, Map.of(OriginText.CHAIN, OriginText.chain(place, Set.of()), DenialLog.FORGED, log.forged()));
        }
        Set<Family> now = EnumSet.noneOf(Family.class);
        policy.pods().forEach(pod -> pod.addresses().forEach(ip -> now.add(ip.family())));
        if (!now.equals(families)) {
            families = now;
            chains = new IdentityHashMap<>();
            sets = new IdentityHashMap<>();
        }
        Map<String, NftSet> allSets = new HashMap<>();
        Map<String, NftChain> allChains = new HashMap<>();
        programs(policy, allSets, allChains);
        for (Family family : families) {
            pods(held, family).forEach(set -> allSets.put(set.name(), set));
        }
        for (Direction direction : Direction.values()) {
            NftChain denied = log.chain(direction, JudgeText.spared(place, direction, families));
            allChains.put(denied.name(), denied);
        }
        allChains.put(OriginText.CHAIN, OriginText.chain(place, families));
        allChains.put(DenialLog.FORGED, log.forged());
        OriginText.sets(place, policy, families).forEach(set -> allSets.put(set.name(), set));
        JudgeText.chains(place, families).forEach(chain -> allChains.put(chain.name(), chain));
        if (leads && policy.hasHttp()) {
            ProxyText.chains(place, families).forEach(chain -> allChains.put(chain.name(), chain));
            ProxyText.sets(policy, families).forEach(set -> allSets.put(set.name(), set));
        }
        return new NftTable(allSets, allChains);
    }

    /** The same pods, all of them isolated: what a table that is made anew starts as. */
    static NftTable closed(NftTable table) {
        Map<String, NftSet> sets = new HashMap<>();
        for (Family family : Family.values()) {
            for (String name : List.of(
                    SetNames.bound(family), SetNames.self(family), SetNames.own(family), SetNames.known(family))) {
                keep(table, name, sets);
            }
            for (Direction direction : Direction.values()) {
                NftSet requests = table.sets().get(SetNames.requests(direction, family));
                if (requests != null) {
                    sets.put(requests.name(), new NftSet(requests.name(), requests.type(), true, false, Map.of()));
                }
                NftSet map = table.sets().get(SetNames.verdicts(direction, family));
                if (map != null) {
                    Map<String, String> isolated = new HashMap<>();
                    map.elements().keySet().forEach(ip -> isolated.put(ip, "goto " + DenialLog.chainName(direction)));
                    sets.put(map.name(), new NftSet(map.name(), map.type(), true, false, isolated));
                }
            }
        }
        Map<String, NftChain> chains = new HashMap<>();
        table.chains().forEach((name, chain) -> {
            if (!chain.hook().isEmpty() || DenialLog.isChain(name) || name.equals(JudgeText.MIDSTREAM)) {
                chains.put(name, chain);
            }
        });
        return new NftTable(sets, chains);
    }

    private static void keep(NftTable table, String name, Map<String, NftSet> sets) {
        NftSet set = table.sets().get(name);
        if (set != null) {
            sets.put(name, set);
        }
    }

    private void programs(NodePolicy policy, Map<String, NftSet> allSets, Map<String, NftChain> allChains) {
        Map<PolicyProgram, List<NftChain>> nextChains = new IdentityHashMap<>();
        Map<PolicySet, List<NftSet>> nextSets = new IdentityHashMap<>();
        Set<String> named = new TreeSet<>();
        for (PolicyProgram program : policy.used()) {
            List<NftChain> written = chains.get(program);
            if (written == null) {
                written = text(program, policy);
            }
            nextChains.put(program, written);
            written.forEach(chain -> allChains.put(chain.name(), chain));
            program.everyRule().forEach(rule -> {
                rule.peers().forEach(peer -> named.add(peer.set()));
                PortText.set(rule).ifPresent(set -> allSets.put(set.name(), set));
            });
        }
        for (String id : named) {
            PolicySet set = policy.sets().get(id);
            List<NftSet> written = sets.get(set);
            if (written == null) {
                written = SetText.of(set, families);
            }
            nextSets.put(set, written);
            written.forEach(s -> allSets.put(s.name(), s));
        }
        chains = nextChains;
        sets = nextSets;
    }

    private List<NftChain> text(PolicyProgram program, NodePolicy policy) {
        ProgramText text = new ProgramText(program, policy.sets(), families);
        List<NftChain> all = new ArrayList<>(text.chains());
        if (leads && program.hasHttp()) {
            all.addAll(text.requests(ProxyText.lead(place, program.direction())));
        }
        return all;
    }

    private static List<NftSet> pods(List<PodPolicy> held, Family family) {
        String type = SetNames.addressType(family);
        Map<String, String> bound = new HashMap<>();
        Map<String, String> self = new HashMap<>();
        Map<Direction, Map<String, String>> verdicts =
                Map.of(Direction.INGRESS, new HashMap<>(), Direction.EGRESS, new HashMap<>());
        for (PodPolicy pod : held) {
            for (Ip ip : pod.addresses()) {
                if (ip.family() != family) {
                    continue;
                }
                bound.put(ip.toString(), NftSet.MEMBER);
                self.put(ip + " . " + ip, NftSet.MEMBER);
                verdicts.forEach((direction, map) -> verdict(pod, direction, ip, map));
            }
        }
        List<NftSet> sets = new ArrayList<>();
        sets.add(new NftSet(SetNames.bound(family), type, false, false, bound));
        sets.add(new NftSet(SetNames.self(family), type + " . " + type, false, false, self));
        verdicts.forEach(
                (direction, map) -> sets.add(new NftSet(SetNames.verdicts(direction, family), type, true, false, map)));
        return sets;
    }

    private static void verdict(PodPolicy pod, Direction direction, Ip ip, Map<String, String> map) {
        switch (pod.hold(direction)) {
            case Hold.Free() -> {}
            case Hold.ByProgram(String id) -> map.put(ip.toString(), "jump " + SetNames.program(id));
            case Hold.Isolated() -> map.put(ip.toString(), "goto " + DenialLog.chainName(direction));
        }
    }
}
