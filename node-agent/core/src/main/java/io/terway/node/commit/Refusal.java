package io.terway.node.commit;

import io.terway.net.EniId;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Attachment;
import java.time.Duration;

/** Why an address cannot be committed. */
public sealed interface Refusal {

    /** The node may not use it: never offered, or withdrawn. */
    record NotOffered() implements Refusal {}

    /** Nobody has confirmed since the node's boot that the ENI has it, and instance metadata does not list it there. */
    record NotListed(EniId eni) implements Refusal {}

    /** Another sandbox holds it. */
    record Held(SandboxKey by) implements Refusal {}

    /** Its cool-down still runs. */
    record CoolingDown(Duration left) implements Refusal {}

    /** Another sandbox uses the ENI, and one of the two needs it alone. */
    record EniInUse(EniId eni, SandboxKey by) implements Refusal {}

    /** The ENI is not for that: a member's addresses are shared by nobody, a shared ENI's are routed to nobody. */
    record UnfitEni(EniId eni, Attachment attachment) implements Refusal {}

    /** It is on another ENI than the addresses of the other family; one sandbox has one ENI. */
    record OtherEni(EniId eni) implements Refusal {}
}
