package io.terway.eni.sim.ecs;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.util.Objects;

/** Where an ENI is, was or will be plugged in. */
public sealed interface Attachment {

    InstanceId instance();

    /** As a NIC of the instance. */
    record Direct(InstanceId instance, int card) implements Attachment {
        public Direct {
            Objects.requireNonNull(instance, "instance");
        }
    }

    /**
     * As a member on a trunk ENI of the instance, which sees only tagged frames.
     *
     * @param vlan 1 to 4094, unique per trunk; the API calls it DeviceIndex
     */
    record Member(InstanceId instance, EniId trunk, int vlan) implements Attachment {
        public Member {
            Objects.requireNonNull(instance, "instance");
            Objects.requireNonNull(trunk, "trunk");
        }
    }
}
