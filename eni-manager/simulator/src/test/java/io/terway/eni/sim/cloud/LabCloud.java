package io.terway.eni.sim.cloud;

import io.terway.eni.sim.Founding;
import io.terway.eni.sim.Scenario;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.EniKind;
import io.terway.eni.sim.ecs.EniLabels;
import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A small cloud with a clock for tests of the model. */
final class LabCloud {

    static final InstanceId NODE = new InstanceId("i-bp1node00001");
    static final VSwitchId PODS = new VSwitchId("vsw-bp1pod-h");
    static final VSwitchId PODS_ELSEWHERE = new VSwitchId("vsw-bp1pod-i");

    final Cloud cloud;
    Instant now = Instant.parse("2026-01-01T00:00:00Z");

    LabCloud(String type, Latencies latencies, boolean dataPlane) {
        cloud = Founding.found(
                Scenario.lab(2, new InstanceType(type), true),
                1,
                InstanceTypes.documented(),
                latencies,
                dataPlane,
                now);
        cloud.advance(now);
    }

    static LabCloud quick() {
        return new LabCloud("ecs.g7.xlarge", Latencies.quick(), false);
    }

    Eni create(EniKind kind, VSwitchId vSwitch, int secondaries) {
        return cloud.lifecycle()
                .create(
                        new EniSpec(
                                kind,
                                vSwitch,
                                List.of(new SecurityGroupId("sg-bp1lab")),
                                List.of(),
                                AddressRequest.count(false, secondaries),
                                AddressRequest.count(true, 0),
                                EniLabels.none()),
                        now);
    }

    EniId attached(EniKind kind, int secondaries) {
        EniId id = create(kind, PODS, secondaries).id();
        cloud.lifecycle().attach(id, NODE, Optional.empty(), 0, now);
        pass(Duration.ofSeconds(1));
        return id;
    }

    void pass(Duration time) {
        now = now.plus(time);
        cloud.advance(now);
    }

    String status(EniId id) {
        return cloud.enis().find(id).map(e -> e.state().wireName()).orElse("gone");
    }
}
