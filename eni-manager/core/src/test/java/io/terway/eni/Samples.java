package io.terway.eni;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Values the tests start from. */
final class Samples {

    static final InstanceId INSTANCE = new InstanceId("i-1");
    static final VSwitchId FIRST = new VSwitchId("vsw-1");
    static final VSwitchId SECOND = new VSwitchId("vsw-2");
    static final EniId ENI = new EniId("eni-1");
    static final OperationId OPERATION = new OperationId("op-1");

    private Samples() {}

    static EniOrder order() {
        return new EniOrder(
                OPERATION,
                new Seat.OnInstance(INSTANCE),
                List.of(FIRST, SECOND),
                List.of(new SecurityGroupId("sg-1")),
                AddressCounts.of(5, 0),
                Map.of(),
                "",
                EniType.SECONDARY);
    }

    static NetworkInterface eni(EniStatus status) {
        Attachment attachment = switch (status) {
            case IN_USE, ATTACHING, DETACHING -> new Attachment.OnInstance(INSTANCE);
            case AVAILABLE, CREATING, DELETING, FAILED -> new Attachment.Detached();
        };
        return new NetworkInterface(
                ENI,
                EniType.SECONDARY,
                status,
                Mac.parse("00:16:3e:00:00:01"),
                FIRST,
                new ZoneId("z-1"),
                Ip.parse("10.0.0.5"),
                List.of(Ip.parse("10.0.0.6")),
                List.of(),
                List.of(new SecurityGroupId("sg-1")),
                attachment,
                Map.of(ClusterTags.CLUSTER, "c1", ClusterTags.OPERATION, "op-1"),
                Instant.EPOCH);
    }
}
