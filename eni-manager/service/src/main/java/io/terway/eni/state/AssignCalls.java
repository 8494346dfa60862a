package io.terway.eni.state;

import io.terway.eni.Added;
import io.terway.eni.OperationId;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Assign calls with their answers, and the highest term of ipam-service, as lines of text: {@code T term} (of a shard
 * {@code S shard term}),
 * {@code B token eni family kind op:count,op:count} for a call and {@code D token ip,ip} for its answer. Bounded: the
 * oldest answered calls are forgotten first. Not thread-safe.
 */
final class AssignCalls {

    /** Calls remembered here, open and answered. */
    static final int MAX_CALLS = 4_096;

    /** Answered calls that are written out: those whose answer may still be asked for after a crash. */
    static final int ANSWERED_WRITTEN = 128;

    /** Open calls; each is one of an ENI's line, which waits for it. */
    static final int MAX_OPEN = 1_024;

    private final Map<String, AssignBatch> calls = new LinkedHashMap<>();
    /** Lately taken out. */
    private final Set<String> failed = new LinkedHashSet<>();

    /** By shard; the only one of an undivided cluster is "". */
    private final Map<String, Long> ipamTerms = new TreeMap<>();

    long ipamTerm(String shard) {
        return ipamTerms.getOrDefault(shard, 0L);
    }

    void ipamTerm(String shard, long term) {
        ipamTerms.put(shard, term);
    }

    /** The highest terms seen, by shard. */
    Map<String, Long> ipamTerms() {
        return Map.copyOf(ipamTerms);
    }

    /** True when a term here is above the one that the other has of the same shard. */
    boolean outranks(AssignCalls other) {
        return ipamTerms.entrySet().stream().anyMatch(one -> one.getValue() > other.ipamTerm(one.getKey()));
    }

    Optional<AssignBatch> find(String token) {
        return Optional.ofNullable(calls.get(token));
    }

    List<AssignBatch> of(OperationId operation) {
        return calls.values().stream().filter(call -> call.serves(operation)).toList();
    }

    long open() {
        return calls.values().stream().filter(call -> call.added().isEmpty()).count();
    }

    /** True when every call here is one of {@code others}, or was. */
    boolean knownTo(AssignCalls others) {
        return calls.values().stream()
                .allMatch(call ->
                        call.added().isPresent() || others.calls.containsKey(call.token()) || others.forgot(call));
    }

    private boolean forgot(AssignBatch call) {
        return failed.contains(call.token());
    }

    void put(AssignBatch call) {
        calls.remove(call.token());
        calls.put(call.token(), call);
        if (calls.size() > MAX_CALLS) {
            String oldest = calls.values().stream()
                    .filter(one -> one.added().isPresent())
                    .findFirst()
                    .orElse(calls.values().iterator().next())
                    .token();
            calls.remove(oldest);
        }
    }

    void remove(String token) {
        calls.remove(token);
        failed.add(token);
        if (failed.size() > MAX_CALLS) {
            failed.remove(failed.iterator().next());
        }
    }

    /** Takes the place of everything. A line that is not understood is left out. */
    void read(String text) {
        calls.clear();
        ipamTerms.clear();
        text.lines().forEach(this::readLine);
    }

    private void readLine(String line) {
        String[] words = line.split(" ");
        try {
            switch (words[0]) {
                case "T" -> ipamTerm("", Long.parseLong(words[1]));
                case "S" -> ipamTerm(words[1], Long.parseLong(words[2]));
                case "B" -> put(begun(words));
                case "D" ->
                    calls.computeIfPresent(
                            words[1], (_, open) -> open.answered(words.length < 3 ? Added.NOTHING : added(words[2])));
                default -> {}
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException strange) {
            // Written by another version, or by hand: what it meant is not known, and a look at the cloud comes first.
        }
    }

    private static AssignBatch begun(String[] words) {
        List<AssignBatch.Share> shares = new ArrayList<>();
        for (String share : words[5].split(",")) {
            int colon = share.lastIndexOf(':');
            shares.add(new AssignBatch.Share(
                    new OperationId(share.substring(0, colon)), Integer.parseInt(share.substring(colon + 1))));
        }
        Lane lane = new Lane(new EniId(words[2]), Family.valueOf(words[3]), Lane.Kind.valueOf(words[4]));
        return new AssignBatch(words[1], lane, shares, Optional.empty());
    }

    private static Added added(String text) {
        List<Ip> addresses = new ArrayList<>();
        List<Cidr> prefixes = new ArrayList<>();
        for (String one : text.split(",")) {
            if (one.contains("/")) {
                prefixes.add(Cidr.parse(one));
            } else {
                addresses.add(Ip.parse(one));
            }
        }
        return new Added(addresses, prefixes);
    }

    String text() {
        long answered =
                calls.values().stream().filter(call -> call.added().isPresent()).count();
        StringBuilder text = new StringBuilder();
        ipamTerms.forEach((shard, term) -> text.append(shard.isEmpty() ? "T " : "S " + shard + " ")
                .append(term)
                .append('\n'));
        for (AssignBatch call : calls.values()) {
            if (call.added().isEmpty() || answered-- <= ANSWERED_WRITTEN) {
                write(text, call);
            }
        }
        return text.toString();
    }

    private static void write(StringBuilder text, AssignBatch call) {
        String shares = call.shares().stream()
                .map(share -> share.operation() + ":" + share.count())
                .collect(Collectors.joining(","));
        text.append("B ")
                .append(call.token())
                .append(' ')
                .append(call.lane())
                .append(' ')
                .append(shares)
                .append('\n');
        call.added()
                .ifPresent(added -> text.append("D ")
                        .append(call.token())
                        .append(' ')
                        .append(Stream.concat(added.addresses().stream(), added.prefixes().stream())
                                .map(Object::toString)
                                .collect(Collectors.joining(",")))
                        .append('\n'));
    }
}
