package io.terway.ctl.policy;

import io.terway.net.Ip;
import io.terway.policy.Direction;
import io.terway.policy.HttpRule;
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
                side("sending", Direction.EGRESS, judged.verdict().egress(), out);
                side("receiving", Direction.INGRESS, judged.verdict().ingress(), out);
            }
        }
        return OneLine.lines(out.toString());
    }

    private static String headline(Question question, Answer answer) {
        String start = end(question.from());
        String what = "%s to %s, %s port %d%s"
                .formatted(
                        answer instanceof Answer.Judged judged
                                ? with(start, judged.probe().from())
                                : start,
                        answer instanceof Answer.Judged judged
                                ? with(end(question.to()), judged.probe().to())
                                : end(question.to()),
                        question.protocol(),
                        question.port(),
                        question.reply() ? ", the replies" : "");
        return switch (answer) {
            case Answer.Unroutable unroutable -> "unroutable  " + what + ": " + unroutable.why();
            case Answer.Judged judged ->
                String.format("%-11s ", VerdictJson.verdict(judged.verdict().allowed())) + what;
        };
    }

    private static String with(String end, Ip ip) {
        return end.equals(ip.toString()) ? end : end + " (" + ip + ")";
    }

    static String end(Question.End end) {
        return switch (end) {
            case Question.End.Pod pod -> pod.ref().toString();
            case Question.End.Address address -> address.ip().toString();
        };
    }

    /** What one side says and which policies say so; then the requests, where those decide. */
    private static void side(String name, Direction direction, Verdict.Side side, StringBuilder out) {
        String word = side.allowed() ? "allowed" : "denied";
        out.append(String.format("  %-10s ", name + ":"))
                .append(
                        switch (side.reason()) {
                            case NOT_A_POLICY_SUBJECT -> word + ", this end is no pod that policies select";
                            case OWN_NODE -> word + ", a pod and its own node always reach each other";
                            case SELF -> word + ", a pod always reaches itself";
                            case NOT_ISOLATED -> word + ", no policy restricts the pod's " + noun(direction);
                            case ISOLATED_NO_RULE -> word + ", " + names(side) + " and no rule allows this";
                            case RULE -> rules(direction, side);
                        })
                .append('\n');
        side.l7().stream()
                .flatMap(http -> http.requests().stream())
                .distinct()
                .forEach(request ->
                        out.append("             ").append(request(request)).append('\n'));
    }

    private static String noun(Direction direction) {
        return direction == Direction.EGRESS ? "egress" : "ingress";
    }

    private static String rules(Direction direction, Verdict.Side side) {
        if (side.deniedBy().isPresent()) {
            return "denied by " + rule(direction, side.deniedBy().get());
        }
        return "allowed by "
                + side.allowedBy().stream().map(by -> rule(direction, by)).collect(Collectors.joining(", "))
                + (side.l7().isEmpty() ? "" : ", and of HTTP only these requests:");
    }

    private static String names(Verdict.Side side) {
        return side.isolatedBy().stream().map(PolicyId::toString).collect(Collectors.joining(", "))
                + (side.isolatedBy().size() == 1 ? " restricts the pod" : " restrict the pod");
    }

    private static String rule(Direction direction, Verdict.RuleId rule) {
        return noun(direction) + "[" + rule.rule() + "] of " + rule.policy();
    }

    private static String request(HttpRule request) {
        var out = new StringBuilder();
        out.append(request.method().isEmpty() ? "any method" : request.method());
        out.append(' ').append(request.path().isEmpty() ? "any path" : request.path());
        out.append(request.host().isEmpty() ? "" : " of host " + request.host());
        request.headers()
                .forEach(header -> out.append(", header ")
                        .append(header.name())
                        .append(header.presentOnly() ? "" : ": " + header.value()));
        return out.toString();
    }
}
