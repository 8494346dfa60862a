package io.terway.node.commit;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.node.ledger.BootTime;
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
                    || state.coolingLeft(ip, now).isPositive()
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

    public List<Ip> withdrawn() {
        return entry.addresses().stream().map(WithdrawnAddress::ip).toList();
    }
}
