package io.terway.node.policy;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What judges one direction of the pods that share it: {@code admin}, first match decides; then {@code rules} if
 * {@code isolated}, where a match accepts and no match drops; else {@code baseline}, first match decides; else accepted.
 *
 * @param policies those that isolate, for events
 */
public record PolicyProgram(
        String id,
        Direction direction,
        List<ProgramRule> admin,
        boolean isolated,
        List<ProgramRule> rules,
        List<ProgramRule> baseline,
        List<String> policies) {

    public PolicyProgram {
        Objects.requireNonNull(direction, "direction");
        if (!id.matches("[0-9a-f]{1,64}")) {
            throw new IllegalArgumentException("'" + id + "' is not the id of a program: 1 to 64 of 0-9 and a-f");
        }
        admin = List.copyOf(admin);
        rules = List.copyOf(rules);
        baseline = List.copyOf(baseline);
        policies = List.copyOf(policies);
        if (rules.stream().anyMatch(rule -> rule.action() != Action.ACCEPT)) {
            throw new IllegalArgumentException("program " + id + ": a rule of the NetworkPolicy tier does not accept");
        }
        if (Stream.concat(admin.stream(), baseline.stream())
                .anyMatch(rule -> !rule.http().isEmpty())) {
            throw new IllegalArgumentException("program " + id + ": an HTTP rule outside of the NetworkPolicy tier");
        }
    }

    /** Every rule, whatever its tier. */
    public Stream<ProgramRule> everyRule() {
        return Stream.of(admin, rules, baseline).flatMap(List::stream);
    }

    /** True when some connections are accepted only for certain requests. */
    public boolean hasHttp() {
        return isolated && rules.stream().anyMatch(rule -> !rule.http().isEmpty());
    }

    /** Ports on which requests decide. */
    List<PortSpan> requestPorts() {
        return rules.stream()
                .filter(rule -> isolated && !rule.http().isEmpty())
                .flatMap(rule -> rule.anyPort() ? Stream.of(PortSpan.all(Transport.TCP)) : rule.ports().stream())
                .toList();
    }
}
