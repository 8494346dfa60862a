package io.terway.ipam;

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
     * @param used addresses that take room
     * @param busy an operation is open
     * @param growable its vSwitch has addresses as far as known
     * @param idle free addresses, oldest first
     */
    public record EniView(EniId id, int used, boolean busy, boolean growable, List<IdleView> idle) {

        public EniView {
            idle = List.copyOf(idle);
        }
    }

    /**
     * A free address.
     *
     * @param own the ENI's own first address, which leaves only with the ENI
     */
    public record IdleView(Ip ip, Instant since, boolean own) {}

    /** Free addresses on all ENIs. */
    public int idle() {
        return enis.stream().mapToInt(eni -> eni.idle().size()).sum();
    }
}
