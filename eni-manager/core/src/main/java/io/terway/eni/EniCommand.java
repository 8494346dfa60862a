package io.terway.eni;

import io.terway.net.EniId;
import io.terway.net.VSwitchId;
import java.time.Duration;

/** What the executor shall do next; its result comes back as an {@link EniEvent}. */
public sealed interface EniCommand {

    /** {@code round} tells create calls of one operation apart that need another client token. */
    record Create(EniOrder order, VSwitchId vSwitch, int round) implements EniCommand {}

    /** Look for the ENI that carries this operation's tag. */
    record Find(OperationId operation, Duration after) implements EniCommand {}

    record Attach(EniId eni, Seat seat) implements EniCommand {}

    record Detach(EniId eni, Seat seat) implements EniCommand {}

    record Delete(EniId eni) implements EniCommand {}

    /** Look at this ENI. */
    record Look(EniId eni, Duration after) implements EniCommand {}
}
