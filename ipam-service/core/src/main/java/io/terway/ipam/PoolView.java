package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * One family's pool of one node, as the planner sees it.
 *
 * @param family the family
 * @param targets what to aim at
 * @param waiting pods without an address
 * @param inFlight addresses ordered and not yet there
 * @param perEni addresses one ENI can carry, its own counted
 * @param eniRoom ENIs that could still be attached
 * @param creating ENIs being created
 * @param perCreate addresses that may be asked for with a new ENI, its own counted
 * @param mayOrder false while backing off after a failure
 * @param mayWarmUp false while every vSwitch is inside its reserve
 * @param enis attached ENIs
 */
public record PoolView(
        Family family,
        PoolTargets targets,
        int waiting,
        int inFlight,
        int perEni,
        int eniRoom,
        int creating,
        int perCreate,
        boolean mayOrder,
        boolean mayWarmUp,
        List<EniView> enis) {

    public PoolView {
        Objects.requireNonNull(family, "family");
        Objects.requireNonNull(targets, "targets");
        enis = List.copyOf(enis);
    }

    /**
     * An attached ENI.
     *
     * @param used room that is taken, in addresses: a prefix takes the room of all its addresses
     * @param live addresses the cloud has on it
     * @param busy an operation is open
     * @param most addresses that may be asked for it in one call: none where its vSwitch has none as far as known
     * @param idle free addresses, oldest first
     */
    public record EniView(EniId id, int used, int live, boolean busy, int most, List<IdleView> idle) {

        public EniView {
            idle = List.copyOf(idle);
        }

        /** An ENI with single addresses. */
        public EniView(EniId id, int used, boolean busy, boolean growable, List<IdleView> idle) {
            this(id, used, used, busy, growable ? Shortages.NO_LIMIT : 0, idle);
        }
    }

    /** How a free address may go back. */
    public sealed interface Returns {

        /** The ENI's own first address: only with the ENI. */
        record WithEni() implements Returns {}

        /** By itself. */
        record Alone() implements Returns {}

        /** With its whole prefix, once all of its {@code size} addresses are free. */
        record WithBlock(Cidr block, int size) implements Returns {}
    }

    /**
     * A free address.
     *
     * @param own the ENI's own first address, which leaves only with the ENI
     */
    public record IdleView(Ip ip, Instant since, boolean own, Returns returns) {

        /** A single address, or the ENI's own. */
        public IdleView(Ip ip, Instant since, boolean own) {
            this(ip, since, own, own ? new Returns.WithEni() : new Returns.Alone());
        }
    }

    /** Free addresses on all ENIs. */
    public int idle() {
        return enis.stream().mapToInt(eni -> eni.idle().size()).sum();
    }
}
