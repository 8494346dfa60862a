package io.terway.node.http;

import io.terway.net.Ip;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import io.terway.node.policy.HttpMatch;
import io.terway.node.policy.Judge;
import io.terway.node.policy.Judgement;
import io.terway.node.policy.ProgramRule;
import io.terway.pattern.Ere;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;

/** Judges connections and requests by one state of policy. Any thread. */
public final class RequestJudge {

    private static final Ruling ACCEPTED = new Ruling.Accepted();

    /** Said in the place of a rule's name. */
    private static final String REDIRECTED = "the pod redirects its connections, as a sidecar mesh does";

    private final Judge judge;
    private final BiPredicate<Direction, Ip> redirected;
    private final Map<String, Optional<Ere>> patterns = new ConcurrentHashMap<>();

    public RequestJudge(Judge judge) {
        this(judge, (_, _) -> false);
    }

    /** @param redirected pods, by address, that turn such connections themselves: where requests decide, theirs are refused */
    public RequestJudge(Judge judge, BiPredicate<Direction, Ip> redirected) {
        this.judge = judge;
        this.redirected = redirected;
    }

    /** The connection as such, whatever is asked on it. */
    public Ruling connection(Flow flow) {
        for (Direction direction : Direction.values()) {
            if (judge.judge(direction, flow) instanceof Judgement.Denied(List<String> by)) {
                return new Ruling.Refused(direction, by);
            }
        }
        return ACCEPTED;
    }

    /** One request on it. */
    public Ruling request(Flow flow, Request request) {
        for (Direction direction : Direction.values()) {
            switch (judge.judge(direction, flow)) {
                case Judgement.Accepted _ -> {}
                case Judgement.Denied(List<String> by) -> {
                    return new Ruling.Refused(direction, by);
                }
                case Judgement.ByRequest(List<ProgramRule> rules) -> {
                    Ip own = direction == Direction.INGRESS ? flow.to() : flow.from();
                    if (redirected.test(direction, own)) {
                        return new Ruling.Refused(direction, List.of(REDIRECTED));
                    }
                    if (rules.stream().noneMatch(rule -> accepts(rule, request))) {
                        return new Ruling.Refused(
                                direction, rules.stream().map(ProgramRule::name).toList());
                    }
                }
            }
        }
        return ACCEPTED;
    }

    private boolean accepts(ProgramRule rule, Request request) {
        return rule.http().stream().anyMatch(match -> accepts(match, request));
    }

    private boolean accepts(HttpMatch match, Request request) {
        return matches(match.method(), List.of(request.method()))
                && request.target().readings().stream().allMatch(reading -> matches(match.path(), List.of(reading)))
                && matches(match.host(), request.hostSpellings())
                && match.headers().stream().allMatch(header -> has(header, request));
    }

    private static boolean has(HttpMatch.Header header, Request request) {
        List<String> lines = request.header(header.name());
        return header.presentOnly() ? !lines.isEmpty() : lines.contains(header.value());
    }

    /** A pattern that this agent cannot read matches nothing: a rule that nobody understands lets nothing pass. */
    private boolean matches(String pattern, List<String> spellings) {
        if (pattern.isEmpty()) {
            return true;
        }
        Optional<Ere> ere = patterns.computeIfAbsent(pattern, RequestJudge::read);
        return ere.isPresent() && spellings.stream().anyMatch(ere.get()::matches);
    }

    private static Optional<Ere> read(String pattern) {
        try {
            return Optional.of(Ere.of(pattern));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
