package io.terway.agent.sandbox;

import io.terway.agent.ipam.Foresight;
import io.terway.agent.ipam.Foresight.Foreseen;
import io.terway.agent.ipam.IpamLink;
import io.terway.agent.ipam.WireForm;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.node.AfterReboot;
import io.terway.agent.pods.KnownPod;
import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.net.Ip;
import io.terway.node.commit.Claim;
import io.terway.node.commit.Commit;
import io.terway.node.commit.CommitResult;
import io.terway.node.commit.Proposal;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.NodeConfig;
import io.terway.wire.ipam.v1.AllocateResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Gets a sandbox its addresses: asks a chooser, commits what it proposes, asks again or waits when that fails. The
 * choosers differ (ipam-service first, or the agent's own first), the commit is one. Any thread.
 */
final class Assigner {

    /** Proposals one ADD tries before it gives up: every address of the largest instance, refused once. */
    private static final int MAX_PROPOSALS = 512;

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final Ledger ledger;
    private final IpamLink ipam;
    private final Foresight foresight;
    private final AfterReboot afterReboot;
    private final Supply supply;
    private final Supplier<String> quarantine;

    /** What a chooser says. */
    private sealed interface Choice {

        record Proposed(Proposal proposal) implements Choice {}

        /** None yet: look again after a change, or after this long. */
        record Later(Duration pause, String why) implements Choice {}
    }

    /** @param quarantine why no new address may be given out; empty when it may */
    Assigner(
            Ledger ledger,
            IpamLink ipam,
            Foresight foresight,
            AfterReboot afterReboot,
            Supply supply,
            Supplier<String> quarantine) {
        this.ledger = ledger;
        this.ipam = ipam;
        this.foresight = foresight;
        this.afterReboot = afterReboot;
        this.supply = supply;
        this.quarantine = quarantine;
    }

    /** The binding the sandbox has when this returns; a {@link CniFailure} says why there is none. */
    Binding assign(Claim claim, KnownPod pod, NodeConfig config, Patience patience) {
        ledger.read(state -> Commit.takenPort(state, claim))
                .ifPresent(
                        why -> { // before anybody reserves an address
                            throw new CniFailure(
                                    CniCode.TRY_LATER, "pod " + claim.pod().ref() + ": " + why);
                        });
        Foreseen foreseen = foresight.take(pod.life(), claim.families());
        Optional<Choice> ahead = foreseen.proposal().map(Choice.Proposed::new);
        Map<Ip, Attachment> refused = new LinkedHashMap<>(); // how it would have been connected
        for (int proposals = 0; proposals < MAX_PROPOSALS; ) {
            long seen = supply.version();
            requireTrust();
            Choice choice = ahead.orElseGet(() -> choose(claim, pod, config, foreseen.requestId(), refused, patience));
            ahead = Optional.empty();
            switch (choice) {
                case Choice.Later later -> patience.await(seen, later.pause(), later.why());
                case Choice.Proposed(Proposal proposal) -> {
                    proposals++;
                    requireFit(claim, pod, proposal);
                    switch (ledger.commit(claim, proposal, pod.groups(), afterReboot.there())) {
                        case CommitResult.Committed committed -> {
                            return committed.entry().binding();
                        }
                        case CommitResult.AlreadyHeld held -> {
                            return held.binding();
                        }
                        case CommitResult.Refused no -> refused.put(no.ip(), proposal.attachment());
                        case CommitResult.Unfit unfit -> throw new CniFailure(CniCode.TRY_LATER, unfit.why());
                    }
                    patience.require(
                            "every proposed address is taken, cooling down, withdrawn or not seen since the boot");
                }
            }
        }
        throw new CniFailure(
                CniCode.TRY_LATER, MAX_PROPOSALS + " proposed addresses could not be committed for " + claim.pod());
    }

    private static void requireFit(Claim claim, KnownPod pod, Proposal proposal) {
        pod.betrayal(proposal).ifPresent(why -> {
            throw new CniFailure(CniCode.TRY_LATER, "pod " + claim.pod().ref() + ": " + why);
        });
    }

    /** A quarantine also ends the ADDs that wait: the ledger they would choose from is no longer believed. */
    private void requireTrust() {
        String closed = quarantine.get();
        if (!closed.isEmpty()) {
            throw new CniFailure(CniCode.TRY_LATER, closed);
        }
    }

    private Choice choose(
            Claim claim,
            KnownPod pod,
            NodeConfig config,
            String request,
            Map<Ip, Attachment> refused,
            Patience patience) {
        if (config.localAllocation() && pod.isOrdinary()) {
            Optional<Proposal> own = afterReboot.choose(claim);
            if (own.isPresent()) {
                return new Choice.Proposed(own.get());
            }
        }
        Optional<AllocateResponse> answer = ipam.allocate(WireForm.question(
                request,
                patience.node(),
                claim.key(),
                pod,
                claim.families(),
                patience.left(),
                ledger.unproposable(claim, refused, afterReboot.there())));
        if (answer.isPresent()) {
            return read(answer.get());
        }
        if (!pod.isOrdinary()) {
            return new Choice.Later(
                    LOOK_AGAIN, "only ipam-service can choose its address (fixed or of its own ENI), and it is away");
        }
        return afterReboot
                .choose(claim)
                .<Choice>map(Choice.Proposed::new)
                .orElseGet(() -> new Choice.Later(
                        LOOK_AGAIN,
                        "no address of this node is free, and ipam-service, which could get more, is away"));
    }

    private static Choice read(AllocateResponse answer) {
        return switch (answer.getOutcomeCase()) {
            case PROPOSAL -> new Choice.Proposed(WireForm.proposal(answer.getProposal()));
            case PENDING ->
                new Choice.Later(
                        Duration.ofMillis(Math.clamp(answer.getPending().getRetryAfterMs(), 50, 5000)),
                        answer.getPending().getReason());
            case REFUSAL ->
                throw new CniFailure(
                        CniCode.REFUSED,
                        answer.getRefusal().getCode() + ": "
                                + answer.getRefusal().getMessage());
            case OUTCOME_NOT_SET ->
                throw new CniFailure(CniCode.TRY_LATER, "ipam-service answered nothing; is it of another version?");
        };
    }
}
