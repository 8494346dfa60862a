package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Family;
import java.util.Optional;

/** An open mutation of a node. The command is kept so that it can be sent again unchanged. */
final class Operation {

    final PoolCommand command;
    /** Times it was not answered in a row. */
    int unreached;

    Operation(PoolCommand command) {
        this.command = command;
    }

    /** Addresses of this family it will bring. */
    int brings(Family family) {
        return switch (command) {
            case PoolCommand.CreateEni create -> family == Family.IPV4 ? 1 + create.ipv4Count() : create.ipv6Count();
            case PoolCommand.AssignAddresses assign -> family == Family.IPV4 ? assign.ipv4Count() : assign.ipv6Count();
            case PoolCommand.UnassignAddresses _, PoolCommand.DeleteEni _ -> 0;
        };
    }

    boolean creates() {
        return command instanceof PoolCommand.CreateEni;
    }

    Optional<EniId> eni() {
        return switch (command) {
            case PoolCommand.CreateEni _ -> Optional.empty();
            case PoolCommand.AssignAddresses assign -> Optional.of(assign.eni());
            case PoolCommand.UnassignAddresses unassign -> Optional.of(unassign.eni());
            case PoolCommand.DeleteEni delete -> Optional.of(delete.eni());
        };
    }
}
