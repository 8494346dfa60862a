package io.terway.eni;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.util.Optional;

/** Where an ENI hangs. */
public sealed interface Attachment {

    record Detached() implements Attachment {}

    record OnInstance(InstanceId id) implements Attachment {}

    /** A member: {@code vlan} is unique on its trunk, 1 to 4094. */
    record OnTrunk(InstanceId id, EniId trunk, int vlan) implements Attachment {}

    default Optional<InstanceId> instance() {
        return switch (this) {
            case Detached _ -> Optional.empty();
            case OnInstance on -> Optional.of(on.id());
            case OnTrunk on -> Optional.of(on.id());
        };
    }
}
