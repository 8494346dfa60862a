package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.List;
import java.util.Optional;

/** An open mutation of a node. The command is kept so that it can be sent again unchanged. */
final class Operation {

    final PoolCommand command;
    /** Times it was not answered in a row. */
    int unreached;

    Operation(PoolCommand command) {
        this.command = command;
    }

    /** Units of this kind it will bring: addresses of the family where pods share ENIs, ENIs elsewhere. */
    int brings(Attachment attachment, Family family) {
        return switch (command) {
            case PoolCommand.CreateEni create
            when create.purpose() == PoolCommand.Purpose.SHARED ->
                attachment == Attachment.SHARED
                        ? (family == Family.IPV4 ? 1 : 0) + addresses(create.counts(), family)
                        : 0;
            case PoolCommand.CreateEni _ -> creates(attachment) ? 1 : 0;
            case PoolCommand.AssignAddresses assign ->
                attachment == Attachment.SHARED ? addresses(assign.counts(), family) : 0;
            case PoolCommand.UnassignAddresses _,
                    PoolCommand.DeleteEni _,
                    PoolCommand.DetachEni _,
                    PoolCommand.AttachEni _, // one pod's, not the pool's
                    PoolCommand.ModifyEni _,
                    PoolCommand.PutRoute _,
                    PoolCommand.DeleteRoute _ -> 0;
        };
    }

    private static int addresses(PoolCommand.Counts counts, Family family) {
        return switch (family) {
            case IPV4 -> counts.ipv4() + counts.ipv4Prefixes() * Room.IPV4_BLOCK;
            case IPV6 -> counts.ipv6() + counts.ipv6Prefixes() * Room.IPV6_BLOCK;
        };
    }

    /** It brings an ENI to the node. */
    boolean creates() {
        return command instanceof PoolCommand.CreateEni || command instanceof PoolCommand.AttachEni;
    }

    boolean creates(Attachment attachment) {
        if (command instanceof PoolCommand.AttachEni attach) {
            return attachment == attach.attachment();
        }
        return command instanceof PoolCommand.CreateEni create
                && attachment
                        == switch (create.purpose()) {
                            case SHARED, TRUNK -> Attachment.SHARED;
                            case EXCLUSIVE -> Attachment.EXCLUSIVE;
                            case MEMBER -> Attachment.TRUNK_MEMBER;
                        };
    }

    boolean createsTrunk() {
        return command instanceof PoolCommand.CreateEni create && create.purpose() == PoolCommand.Purpose.TRUNK;
    }

    /** Addresses that are to be there once it ends, by name. */
    List<Ip> named() {
        return switch (command) {
            case PoolCommand.AssignAddresses assign -> assign.addresses();
            case PoolCommand.AttachEni attach -> attach.addresses();
            case PoolCommand.CreateEni _,
                    PoolCommand.UnassignAddresses _,
                    PoolCommand.DeleteEni _,
                    PoolCommand.DetachEni _,
                    PoolCommand.ModifyEni _,
                    PoolCommand.PutRoute _,
                    PoolCommand.DeleteRoute _ -> List.of();
        };
    }

    Optional<EniId> eni() {
        return switch (command) {
            case PoolCommand.CreateEni _, PoolCommand.PutRoute _, PoolCommand.DeleteRoute _ -> Optional.empty();
            case PoolCommand.AssignAddresses assign -> Optional.of(assign.eni());
            case PoolCommand.UnassignAddresses unassign -> Optional.of(unassign.eni());
            case PoolCommand.DeleteEni delete -> Optional.of(delete.eni());
            case PoolCommand.DetachEni detach -> Optional.of(detach.eni());
            case PoolCommand.AttachEni attach -> Optional.of(attach.eni());
            case PoolCommand.ModifyEni modify -> Optional.of(modify.eni());
        };
    }
}
