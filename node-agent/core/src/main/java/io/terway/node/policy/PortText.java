package io.terway.node.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How a rule's ports are matched: a single span in the rule, more of them in a named set that rules with the same ports
 * share. Sets written into rules would be anonymous, and a thousand of those make every later change slow.
 */
final class PortText {

    private PortText() {}

    /** The match, with a blank behind it; empty when the rule means every port. */
    static String of(ProgramRule rule) {
        if (rule.anyPort()) {
            return "";
        }
        List<PortSpan> spans = spans(rule);
        if (spans.size() > 1) {
            return "meta l4proto . th dport @" + name(spans) + " ";
        }
        PortSpan only = spans.getFirst();
        String word = only.transport().word();
        return only.isAll() ? "meta l4proto " + word + " " : word + " dport " + only.ports() + " ";
    }

    /** The set that {@link #of} names, if it names one. */
    static Optional<NftSet> set(ProgramRule rule) {
        if (rule.anyPort() || rule.ports().size() < 2) {
            return Optional.empty();
        }
        List<PortSpan> spans = spans(rule);
        if (spans.size() < 2) {
            return Optional.empty();
        }
        Map<String, String> elements = new HashMap<>();
        spans.forEach(span -> elements.put(span.transport().number() + " . " + span.ports(), NftSet.MEMBER));
        boolean interval = spans.stream().anyMatch(span -> span.first() != span.last());
        return Optional.of(new NftSet(name(spans), "inet_proto . inet_service", false, interval, elements));
    }

    private static String name(List<PortSpan> spans) {
        return SetNames.ports(NftRule.digest(spans.stream()
                .map(span -> span.transport().word() + " " + span.ports())
                .collect(Collectors.joining(","))));
    }

    /** Sorted and disjoint, because the kernel refuses overlapping elements. */
    private static List<PortSpan> spans(ProgramRule rule) {
        List<PortSpan> out = new ArrayList<>();
        for (PortSpan span : new TreeSet<>(rule.ports())) {
            PortSpan last = out.isEmpty() ? null : out.getLast();
            if (last != null && last.transport() == span.transport() && span.first() <= last.last() + 1) {
                out.set(
                        out.size() - 1,
                        new PortSpan(last.transport(), last.first(), Math.max(last.last(), span.last())));
            } else {
                out.add(span);
            }
        }
        return out;
    }
}
