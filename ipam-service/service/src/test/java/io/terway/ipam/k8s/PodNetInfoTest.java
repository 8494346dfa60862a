package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.terway.ipam.Attachment;
import io.terway.ipam.FixedAddress;
import io.terway.ipam.FixedCommand;
import io.terway.ipam.Retention;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What two shards say to each other through a PodNetInfo. */
class PodNetInfoTest {

    private static final FixedAddress.Target THERE = new FixedAddress.Target(new NodeName("n2"), new InstanceId("i-2"));

    private static final FixedAddress ADDRESS = new FixedAddress(
            new PodRef("db", "redis-0"),
            "uid-7",
            List.of(Ip.parse("10.0.64.9"), Ip.parse("2001:db8::9")),
            new VSwitchId("vsw-1"),
            new ZoneId("cn-hangzhou-h"),
            Optional.of(new FixedAddress.Place(
                    new NodeName("n1"),
                    new InstanceId("i-1"),
                    new EniId("eni-1"),
                    new Mac(7),
                    List.of(new SecurityGroupId("sg-1")))),
            Attachment.EXCLUSIVE,
            Retention.of(Duration.ofHours(36)),
            Duration.ZERO);

    /** As the API server has it while node n1 has the address and another shard asks for it. */
    private static GenericKubernetesResource stored() {
        GenericKubernetesResource object = PodNetInfo.object(ADDRESS);
        object.getMetadata().setUid("uid-7");
        Map<String, Object> status =
                new HashMap<>(PodNetInfo.status(new FixedCommand.Show(ADDRESS, false, "uid-pod"), Instant.EPOCH));
        status.putAll(PodNetInfo.status(new FixedCommand.Ask(ADDRESS, THERE)));
        object.setAdditionalProperty("status", status);
        return object;
    }

    private static FixedCommand.HandOver handOver(FixedAddress.Target target) {
        return new FixedCommand.HandOver(ADDRESS, target, Duration.ofMillis(12_300));
    }

    @Test
    void whatIsWrittenIsReadBack() {
        var seen = PodNetInfo.seen(stored());

        assertEquals(ADDRESS, seen.address());
        assertEquals(Optional.of(THERE), seen.wantedAt());
    }

    @Test
    void whatIsHandedOverIsAtTheNodeThatAsked() {
        GenericKubernetesResource object = stored();

        assertTrue(PodNetInfo.handOver(object, handOver(THERE)));

        var seen = PodNetInfo.seen(object);
        FixedAddress.Place place = seen.address().place().orElseThrow();
        assertEquals(THERE, new FixedAddress.Target(place.node(), place.instance()));
        assertEquals(new EniId("eni-1"), place.eni(), "a whole ENI is found by its id");
        assertEquals(Optional.empty(), seen.wantedAt());
        assertEquals(Duration.ofSeconds(13), seen.rest());
    }

    @Test
    void aPodThatHasItsAddressEndsTheQuestion() {
        GenericKubernetesResource object = stored();
        Map<String, Object> status = new HashMap<>(PodNetInfo.status(new FixedCommand.Ask(ADDRESS, THERE)));
        status.putAll(PodNetInfo.status(new FixedCommand.Show(ADDRESS, true, "uid-pod"), Instant.EPOCH));
        object.setAdditionalProperty("status", status);

        assertEquals(Optional.empty(), PodNetInfo.seen(object).wantedAt());
        assertEquals(Duration.ZERO, PodNetInfo.seen(object).rest());
    }

    @Test
    void nothingIsHandedOverThatSomebodyHasChangedMeanwhile() {
        var elsewhere = new FixedAddress.Target(new NodeName("n3"), new InstanceId("i-3"));
        GenericKubernetesResource moved = stored();
        PodNetInfo.handOver(moved, handOver(THERE));
        GenericKubernetesResource madeAnew = stored();
        madeAnew.getMetadata().setUid("uid-8");

        assertFalse(PodNetInfo.handOver(stored(), handOver(elsewhere)), "another node asks by now");
        assertFalse(PodNetInfo.handOver(moved, handOver(THERE)), "it is there already");
        assertFalse(PodNetInfo.handOver(madeAnew, handOver(THERE)), "it was deleted and made again");
    }
}
