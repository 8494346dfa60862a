package io.terway.ctl.policy;

import io.terway.policy.Direction;
import io.terway.policy.PolicyId;
import io.terway.policy.Verdict;
import java.util.List;
import java.util.stream.Collectors;

/** Answers for people. */
final class VerdictText {

    private VerdictText() {}

    static String of(List<Question> questions, List<Answer> answers) {
        var out = new StringBuilder();
        for (int i = 0; i < answers.size(); i++) {
            out.append(headline(questions.get(i), answers.get(i))).append('\n');
            if (answers.get(i) instanceof Answer.Judged judged) {
                out.append("  ")
                        .append(side(Direction.EGRESS, judged.verdict().egress()))
                        .append('\n');
                out.append("  ")
                        .append(side(Direction.INGRESS, judged.verdict().ingress()))
                        .append('\n');
            }
        }
        return out.toString();
    }

    static String headline(Question question, Answer answer) {
        String what = end(question.from()) + " to " + end(question.to()) + " " + question.protocol() + " "
                + question.port() + (question.reply() ? " (replies)" : "");
        return switch (answer) {
            case Answer.Unroutable unroutable -> "unroutable  " + what + ": " + unroutable.why();
            case Answer.Judged judged ->
                String.format("%-11s ", VerdictJson.verdict(judged.verdict().allowed())) + what;
        };
    }

    static String end(Question.End end) {
        return switch (end) {
            case Question.End.Pod pod -> pod.ref().toString();
            case Question.End.Address address -> address.ip().toString();
        };
    }

    /** One line: which side, what it says and which policies say so. */
    static String side(Direction direction, Verdict.Side side) {
        String name = direction == Direction.EGRESS ? "egress of the source" : "ingress of the destination";
        return name + ": " + VerdictJson.verdict(side.allowed()) + ", "
                + switch (side.reason()) {
                    case NOT_A_POLICY_SUBJECT -> "no pod that policy can select";
                    case OWN_NODE -> "a pod and its own node always reach each other";
                    case SELF -> "a pod always reaches itself";
                    case NOT_ISOLATED -> "no policy isolates the pod in this direction";
                    case ISOLATED_NO_RULE -> "isolated by " + names(side) + ", and no rule allows it";
                    case RULE -> rules(side);
                };
    }

    private static String rules(Verdict.Side side) {
        if (side.deniedBy().isPresent()) {
            return "denied by " + rule(side.deniedBy().get());
        }
        String http = side.l7().isEmpty() ? "" : "; HTTP rules decide about each request";
        return "allowed by "
                + side.allowedBy().stream().map(VerdictText::rule).collect(Collectors.joining(", "))
                + (side.isolatedBy().isEmpty() ? "" : " (isolated by " + names(side) + ")")
                + http;
    }

    private static String names(Verdict.Side side) {
        return side.isolatedBy().stream().map(PolicyId::toString).collect(Collectors.joining(", "));
    }

    private static String rule(Verdict.RuleId rule) {
        return "rule " + rule.rule() + " of " + rule.policy();
    }
}
