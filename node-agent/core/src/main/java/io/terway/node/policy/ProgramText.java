package io.terway.node.policy;

import io.terway.net.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A program as chains. Accepting returns to where packets are judged, so that an accepted egress does not skip the other
 * pod's ingress. Rules of one program with a set each: no product of peers and ports.
 */
final class ProgramText {

    private final PolicyProgram program;
    private final Map<String, PolicySet> sets;
    private final Set<Family> families;
    private final String deny;

    ProgramText(PolicyProgram program, Map<String, PolicySet> sets, Set<Family> families) {
        this.program = program;
        this.sets = sets;
        this.families = families;
        this.deny = "goto " + DenialLog.chainName(program.direction());
    }

    /** What judges: one chain; two when a rule of the admin tier passes on. */
    List<NftChain> chains() {
        List<NftRule> lower = new ArrayList<>();
        if (program.isolated()) {
            program.rules().forEach(rule -> write(rule, "", lower));
            lower.add(NftRule.of(deny));
        } else {
            program.baseline().forEach(rule -> write(rule, "return", lower));
        }
        boolean passes = program.admin().stream().anyMatch(rule -> rule.action() == Action.PASS);
        String next = "goto " + SetNames.afterAdmin(program.id());
        List<NftRule> first = new ArrayList<>();
        program.admin().forEach(rule -> write(rule, next, first));
        if (!passes) {
            first.addAll(lower);
            return List.of(new NftChain(SetNames.program(program.id()), "", first));
        }
        first.add(NftRule.of(next));
        return List.of(
                new NftChain(SetNames.program(program.id()), "", first),
                new NftChain(SetNames.afterAdmin(program.id()), "", lower));
    }

    /** @param pass what passing on is, in this tier */
    private void write(ProgramRule rule, String pass, List<NftRule> out) {
        String verdict = switch (rule.action()) {
            case ACCEPT -> "return";
            case DENY -> deny;
            case PASS -> pass;
        };
        // Only the proxy's own connections: it let the request through. Without it such a port is closed.
        String proxied = rule.http().isEmpty() ? "" : L7Marks.has("meta mark", L7Marks.UPSTREAM) + " ";
        write(rule, proxied, verdict, out);
    }

    /**
     * The chains that tell which new connections the proxy must see: those that only requests decide. What rules without
     * requests accept does not pass by it, and what nothing accepts is dropped where all is judged.
     *
     * @param lead chain that leads a connection to the proxy
     */
    List<NftChain> requests(String lead) {
        List<NftRule> first = new ArrayList<>();
        String next = "goto " + SetNames.requestsAfterAdmin(program.id());
        for (ProgramRule rule : program.admin()) {
            write(rule, "", rule.action() == Action.PASS ? next : "return", first);
        }
        first.add(NftRule.of(next));
        List<NftRule> lower = new ArrayList<>();
        program.rules().stream()
                .filter(rule -> rule.http().isEmpty())
                .forEach(rule -> write(rule, "", "return", lower));
        program.rules().stream()
                .filter(rule -> !rule.http().isEmpty())
                .forEach(rule -> write(rule, "", "goto " + lead, lower));
        return List.of(
                new NftChain(SetNames.requests(program.id()), "", first),
                new NftChain(SetNames.requestsAfterAdmin(program.id()), "", lower));
    }

    private void write(ProgramRule rule, String condition, String verdict, List<NftRule> out) {
        String rest = PortText.of(rule) + condition + verdict;
        if (rule.anyPeer()) {
            out.add(NftRule.of(rest, rule.name()));
            return;
        }
        for (PeerMatch peer : rule.peers()) {
            for (Family family : families) {
                if (peer.families().contains(family)) {
                    out.add(NftRule.of(match(peer, family) + " " + rest, rule.name()));
                }
            }
        }
    }

    private String match(PeerMatch peer, Family family) {
        String address = SetNames.word(family) + " " + program.direction().otherAddress();
        String key = switch (sets.get(peer.set())) {
            case PolicySet.Endpoints _ -> address + " . meta l4proto . th dport";
            case PolicySet.Addresses _, PolicySet.Blocks _ -> address;
        };
        return key + (peer.outside() ? " != @" : " @") + SetNames.set(peer.set(), family);
    }
}
