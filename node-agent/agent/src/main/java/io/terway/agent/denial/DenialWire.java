package io.terway.agent.denial;

import io.terway.agent.ipam.WireForm;
import io.terway.net.Ip;
import io.terway.node.denial.Counted;
import io.terway.node.policy.Flow;
import io.terway.wire.policy.v1.Denial;
import io.terway.wire.policy.v1.DenialEnd;
import io.terway.wire.policy.v1.Direction;
import java.util.Map;

/** A denial as it is sent. */
final class DenialWire {

    private DenialWire() {}

    static Denial of(Counted counted, Map<Ip, Names.Holder> holders) {
        Flow flow = counted.denial().flow();
        return Denial.newBuilder()
                .setAtMs(counted.at().toEpochMilli())
                .setDirection(
                        switch (counted.denial().direction()) {
                            case INGRESS -> Direction.INGRESS;
                            case EGRESS -> Direction.EGRESS;
                        })
                .setFrom(end(flow.from(), counted.denial().sender(), holders))
                .setTo(end(flow.to(), flow.to(), holders))
                .setProtocol(flow.protocol())
                .setPort(flow.port())
                .addAllPolicies(counted.denial().by())
                .setCount(counted.count())
                .setHttp(counted.denial().http())
                .setForged(counted.denial().isForged())
                .build();
    }

    /** @param whose address that is, or should be */
    private static DenialEnd end(Ip ip, Ip whose, Map<Ip, Names.Holder> holders) {
        DenialEnd.Builder end = DenialEnd.newBuilder().setAddress(ip.toString());
        Names.Holder holder = holders.get(whose);
        if (holder != null) {
            switch (holder) {
                case Names.Holder.OfPod(var pod) -> end.setPod(WireForm.pod(pod));
                case Names.Holder.OfNode(var node) -> end.setNode(node);
            }
        }
        return end.build();
    }
}
