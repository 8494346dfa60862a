package io.terway.agent.denial;

import io.terway.wire.policy.v1.Denial;
import java.util.List;

/** Somebody who is told of denials. Never blocks; the feed's thread. */
interface Listener {

    /** @param lost denials that nobody can be told of, because too many came at once */
    void tell(List<Denial> denials, long lost);
}
