package io.terway.node.commit;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Cooling;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.WithdrawnAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of the addresses that shall leave the node may leave.
 *
 * @param entry the fact to be on disk before the answer goes out
 * @param kept still offered: a sandbox holds them, they cool down, or a newer offer has overtaken the withdrawal
 */
public record Withdrawal(LedgerEntry.Withdrawn entry, List<Ip> kept) {

    /** Named in the entry for an address that was on no ENI we know. */
    private static final EniId NO_ENI = new EniId("unknown");

    public Withdrawal {
        kept = List.copyOf(kept);
    }

    /**
     * Decides by the ledger; an address the node does not know is not used, so it may leave.
     *
     * @param enis ENIs that leave once none of their addresses is offered or held
     */
    public static Withdrawal decide(
            LedgerState state, long number, List<Ip> addresses, List<EniId> enis, BootTime now) {
        List<WithdrawnAddress> leaving = new ArrayList<>();
        List<Ip> kept = new ArrayList<>();
        for (Ip ip : addresses) {
            boolean stays = state.holder(ip).isPresent()
                    || rests(state, ip, now)
                    || state.offered(ip).filter(o -> o.number() > number).isPresent();
            if (stays) {
                kept.add(ip);
            } else {
                EniId eni = state.offered(ip).map(OfferedAddress::eni).orElse(NO_ENI);
                leaving.add(new WithdrawnAddress(ip, eni, Math.max(number, state.numberOf(ip))));
            }
        }
        return new Withdrawal(new LedgerEntry.Withdrawn(leaving, enis), kept);
    }

    /**
     * A fixed address rests for nobody: it is its pod's alone, here or on the node it follows the pod to (rule 4), and
     * ipam-service asks for it during its cool-down only to move it there. Its traffic was cut before the release was
     * written.
     */
    private static boolean rests(LedgerState state, Ip ip, BootTime now) {
        return state.coolingLeft(ip, now).isPositive()
                && state.lastRelease(ip).filter(Cooling::fixed).isEmpty();
    }

    public List<Ip> withdrawn() {
        return entry.addresses().stream().map(WithdrawnAddress::ip).toList();
    }
}
