package io.terway.eni.state;

import io.terway.eni.Added;
import io.terway.eni.OperationId;
import java.util.List;
import java.util.Optional;

/** One assign call with the operations it serves. {@code added} is empty while it is open. */
public record AssignBatch(String token, Lane lane, List<Share> shares, Optional<Added> added) {

    /** What one operation gets of the call. */
    public record Share(OperationId operation, int count) {}

    public AssignBatch {
        shares = List.copyOf(shares);
    }

    public int count() {
        return shares.stream().mapToInt(Share::count).sum();
    }

    /** The part of one operation: what the call added is dealt out in the order of its shares. */
    public Added of(OperationId operation) {
        Added mine = Added.NOTHING;
        int from = 0;
        for (Share share : shares) {
            int to = from + share.count();
            if (share.operation().equals(operation) && added.isPresent()) {
                mine = mine.and(added.get().slice(from, to));
            }
            from = to;
        }
        return mine;
    }

    boolean serves(OperationId operation) {
        return shares.stream().anyMatch(share -> share.operation().equals(operation));
    }

    AssignBatch answered(Added answer) {
        return new AssignBatch(token, lane, shares, Optional.of(answer));
    }
}
