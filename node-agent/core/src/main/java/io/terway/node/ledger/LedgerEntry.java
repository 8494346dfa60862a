package io.terway.node.ledger;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import java.util.List;
import java.util.Objects;

/** A fact in the ledger. What it changes is said by {@link LedgerState#apply}. */
public sealed interface LedgerEntry {

    /** The ledger was made, under a random id that tells it from a copy. First entry, and only there. */
    record Created(String ledgerId) implements LedgerEntry {
        public Created {
            if (!ledgerId.matches("[0-9a-zA-Z-]{8,64}")) {
                throw new IllegalArgumentException(
                        "ledger id '" + ledgerId + "' is not 8 to 64 letters, digits or dashes");
            }
        }
    }

    /** A leader with this term spoke. Promised to others: on disk before it is acted on. */
    record TermSeen(long term) implements LedgerEntry {}

    /** The node was configured. */
    record Configured(NodeConfig config) implements LedgerEntry {
        public Configured {
            Objects.requireNonNull(config, "config");
        }
    }

    /** These addresses may be used; ENIs are described whole. */
    record Offered(List<OfferedEni> enis, List<OfferedAddress> addresses) implements LedgerEntry {
        public Offered {
            enis = List.copyOf(enis);
            addresses = List.copyOf(addresses);
        }
    }

    /** These addresses are not used and will not be. Promised to others: on disk before it is acknowledged. */
    record Withdrawn(List<WithdrawnAddress> addresses, List<EniId> enis) implements LedgerEntry {
        public Withdrawn {
            addresses = List.copyOf(addresses);
            enis = List.copyOf(enis);
        }
    }

    /** A sandbox holds addresses. Written before the first kernel operation. */
    record Bound(Binding binding) implements LedgerEntry {
        public Bound {
            Objects.requireNonNull(binding, "binding");
        }
    }

    /**
     * A sandbox gave its addresses back. Written after its traffic was cut.
     *
     * @param plumbed false when no packet can have used them: they need no cool-down
     */
    record Released(SandboxKey key, BootTime at, boolean plumbed) implements LedgerEntry {
        public Released {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(at, "at");
        }
    }

    /** In snapshots only: an address that was released before. */
    record Rested(Cooling cooling) implements LedgerEntry {
        public Rested {
            Objects.requireNonNull(cooling, "cooling");
        }

        Ip ip() {
            return cooling.ip();
        }
    }
}
