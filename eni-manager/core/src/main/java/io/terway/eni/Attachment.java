package io.terway.eni;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.util.Optional;

/** Where an ENI hangs. */
public sealed interface Attachment {

    record Detached() implements Attachment {}

    record OnInstance(InstanceId id) implements Attachment {}

    /** A member: {@code vlan} is unique on its trunk, 1 to 4094; 0 until the cloud shows it. */
    record OnTrunk(InstanceId id, EniId trunk, int vlan) implements Attachment {}

    default Optional<InstanceId> instance() {
        return seat().map(Seat::instance);
    }

    /** What a detach must name. */
    default Optional<Seat> seat() {
        return switch (this) {
            case Detached _ -> Optional.empty();
            case OnInstance on -> Optional.of(new Seat.OnInstance(on.id()));
            case OnTrunk on -> Optional.of(new Seat.OnTrunk(on.id(), on.trunk()));
        };
    }

    /** True when this is the whole of that seat: for a member, its VLAN id is known. */
    default boolean fills(Seat seat) {
        boolean numbered = !(this instanceof OnTrunk(InstanceId _, EniId _, int vlan)) || vlan > 0;
        return numbered && seat().filter(seat::equals).isPresent();
    }
}
