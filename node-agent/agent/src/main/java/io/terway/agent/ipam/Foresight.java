package io.terway.agent.ipam;

import io.terway.agent.ledger.Ledger;
import io.terway.agent.pods.KnownPod;
import io.terway.net.Family;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import io.terway.node.commit.Proposal;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.PodLife;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.AllocateResponse;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Asks ipam-service for a pod's address as soon as the pod is scheduled, so that its ADD finds the answer waiting, and
 * demand is known before the runtime has made the sandbox. What is foreseen is a proposal like any other: the commit
 * decides, and an ADD that has to ask again does so under the same request id. Any thread.
 */
public final class Foresight {

    private static final Logger LOG = Logger.getLogger(Foresight.class);

    /** Pods asked for and not yet added; who comes beyond asks in its ADD. */
    static final int LIMIT = 512;

    /** A sandbox is made within seconds of scheduling; volumes may delay it, and then an address must not wait for it. */
    private static final Duration LASTS = Duration.ofSeconds(30);

    /** No sandbox exists yet; the contract wants one named. */
    private static final String NETWORK = "terway";

    private final NodeName node;
    private final Ledger ledger;
    private final IpamLink link;
    private final Map<PodLife, Question> questions = new ConcurrentHashMap<>();

    private record Question(
            String requestId, List<Family> families, long until, CompletableFuture<Optional<AllocateResponse>> answer) {

        boolean isOver() {
            return System.nanoTime() - until > 0;
        }
    }

    /**
     * What is known of a request.
     *
     * @param requestId under which to ask (again)
     * @param proposal the answer; empty when there is none yet, or none that could be used
     */
    public record Foreseen(String requestId, Optional<Proposal> proposal) {}

    public Foresight(NodeName node, Ledger ledger, IpamLink link) {
        this.node = node;
        this.ledger = ledger;
        this.link = link;
    }

    /** These pods were scheduled to the node just now. Never waits. */
    void look(Collection<KnownPod> pods) {
        Optional<NodeConfig> config = ledger.read(state -> state.config());
        if (config.isEmpty()) {
            return;
        }
        questions.values().removeIf(Question::isOver);
        for (KnownPod pod : pods) {
            boolean asks = !config.get().localAllocation() || !pod.isOrdinary();
            if (asks && pod.unmet(config.get().mode()).isEmpty() && questions.size() < LIMIT && holdsNothing(pod)) {
                ask(pod, config.get().families());
            }
        }
    }

    private boolean holdsNothing(KnownPod pod) {
        return ledger.read(
                state -> state.bindings().stream().noneMatch(b -> b.pod().isSameLife(pod.life())));
    }

    private void ask(KnownPod pod, List<Family> families) {
        Question question = new Question(
                UUID.randomUUID().toString(), families, System.nanoTime() + LASTS.toNanos(), new CompletableFuture<>());
        if (questions.putIfAbsent(pod.life(), question) == null) {
            Thread.ofVirtual().name("ipam-foresight").start(() -> ask(pod, question));
        }
    }

    private void ask(KnownPod pod, Question question) {
        Optional<AllocateResponse> answer = Optional.empty();
        try {
            SandboxKey nobody = new SandboxKey(NETWORK, "ahead-" + pod.life().uid(), "eth0");
            AllocateRequest request =
                    WireForm.question(question.requestId(), node, nobody, pod, question.families(), LASTS, List.of());
            answer = link.allocateAhead(request);
        } catch (IllegalArgumentException e) {
            LOG.debugf("%s is not asked for ahead: %s", pod.life(), e.getMessage());
        } finally {
            question.answer().complete(answer);
        }
    }

    /** What was foreseen for a pod, once: its next sandbox asks anew. Waits for an answer that is under way. */
    public Foreseen take(PodLife pod, List<Family> families) {
        Question question = questions.remove(pod);
        if (question == null || question.isOver() || !question.families().equals(families)) {
            return new Foreseen(UUID.randomUUID().toString(), Optional.empty());
        }
        Optional<Proposal> proposal = await(question)
                .filter(AllocateResponse::hasProposal)
                .map(answer -> WireForm.proposal(answer.getProposal()));
        return new Foreseen(question.requestId(), proposal);
    }

    /** Now somebody is in a hurry: an answer that is not there yet is waited for as any other. */
    private Optional<AllocateResponse> await(Question question) {
        try {
            return question.answer().get(IpamLink.ANSWER_WITHIN.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException _) {
            link.holdOff("no answer within " + IpamLink.ANSWER_WITHIN.toMillis() + " ms to what was asked ahead");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("an answer is given or empty, it never fails", e);
        }
        return Optional.empty();
    }

    /** The session is over: what its leader said may not be what the next one says. */
    void forget() {
        questions.clear();
    }
}
