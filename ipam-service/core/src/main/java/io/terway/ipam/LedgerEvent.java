package io.terway.ipam;

import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import java.time.Duration;
import java.util.List;

/** What an agent's ledger committed. */
public sealed interface LedgerEvent {

    /** Position in the ledger; strictly increasing. */
    long sequence();

    /** A sandbox got its addresses. */
    record Bound(Binding binding) implements LedgerEvent {

        @Override
        public long sequence() {
            return binding.sequence();
        }
    }

    /**
     * A sandbox let go.
     *
     * @param coolDown still to run; zero for an address that was never plumbed
     */
    record Released(long sequence, SandboxKey sandbox, Holder holder, List<Ip> addresses, Duration coolDown)
            implements LedgerEvent {

        public Released {
            addresses = List.copyOf(addresses);
        }
    }
}
