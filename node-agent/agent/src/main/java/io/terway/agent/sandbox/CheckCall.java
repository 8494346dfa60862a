package io.terway.agent.sandbox;

import io.terway.agent.apply.CheckResult;
import io.terway.agent.ledger.Ledger;
import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.cni.CniRequest;
import io.terway.net.Ip;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.ledger.LedgerState;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/** CHECK: the ledger, the runtime's prevResult and the kernel must agree. Changes nothing. */
final class CheckCall {

    private final Ledger ledger;
    private final Datapath datapath;

    CheckCall(Ledger ledger, Datapath datapath) {
        this.ledger = ledger;
        this.datapath = datapath;
    }

    void run(CniRequest request) {
        PodAttachment wanted = ledger.read(state -> attachment(state, request))
                .orElseThrow(() -> new CniFailure(
                        CniCode.UNKNOWN_CONTAINER, "sandbox " + request.key() + " holds no address on this node"));
        List<Ip> said = request.conf().previousAddresses();
        if (!new HashSet<>(said).containsAll(wanted.addresses())) {
            throw new CniFailure(
                    CniCode.CHECK_FAILED, "prevResult names " + said + ", the sandbox holds " + wanted.addresses());
        }
        switch (datapath.check(wanted)) {
            case CheckResult.Intact() -> {}
            case CheckResult.Differs(List<String> differences) ->
                throw new CniFailure(CniCode.CHECK_FAILED, request.key() + ": " + String.join("; ", differences));
        }
    }

    /** What the kernel should have of this sandbox. */
    private Optional<PodAttachment> attachment(LedgerState state, CniRequest request) {
        return state.binding(request.key()).flatMap(binding -> Attachments.of(state, binding, datapath));
    }
}
