package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.EniId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LeaksTest {

    private static final ClusterTags TAGS = new ClusterTags("c1");
    private static final Tuning.Collection RULES =
            new Tuning.Collection(true, Duration.ofSeconds(300), Duration.ofSeconds(600));
    private static final Instant START = Instant.EPOCH.plus(Duration.ofHours(1));

    private final Leaks leaks = new Leaks();
    private Instant now = START;

    private List<EniId> seen(NetworkInterface... listed) {
        return leaks.seen(List.of(listed), RULES, TAGS::owns, _ -> false, now);
    }

    private void later(Duration pause) {
        now = now.plus(pause);
    }

    private static NetworkInterface tagged(NetworkInterface eni, String key, String value) {
        Map<String, String> tags = new HashMap<>(eni.tags());
        tags.put(key, value);
        return eni.withTags(tags);
    }

    @Test
    void anOldUnusedEniGoesOnTheSecondSighting() {
        NetworkInterface unused = Samples.eni(EniStatus.AVAILABLE);
        List<EniId> first = seen(unused);
        later(Duration.ofSeconds(300));

        List<EniId> second = seen(unused);

        assertEquals(List.of(), first);
        assertEquals(List.of(unused.id()), second);
    }

    @Test
    void aSecondSightingTooSoonDoesNotCount() {
        NetworkInterface unused = Samples.eni(EniStatus.AVAILABLE);
        seen(unused);
        later(Duration.ofSeconds(299));

        assertEquals(List.of(), seen(unused));
    }

    @Test
    void anEmptyListingCondemnsNothingAndMakesAllBeginAnew() {
        NetworkInterface unused = Samples.eni(EniStatus.AVAILABLE);
        seen(unused);
        later(Duration.ofSeconds(400));

        List<EniId> empty = seen();
        List<EniId> again = seen(unused);

        assertEquals(List.of(), empty);
        assertEquals(List.of(), again);
    }

    @Test
    void attachedOnesAndOthersAndKeptOnesAndYoungOnesStay() {
        NetworkInterface inUse = Samples.eni(EniStatus.IN_USE);
        NetworkInterface others = tagged(Samples.eni(EniStatus.AVAILABLE), ClusterTags.CLUSTER, "c2");
        NetworkInterface kept = tagged(Samples.eni(EniStatus.AVAILABLE), ClusterTags.KEPT, "true");
        for (NetworkInterface spared : List.of(inUse, others, kept, Samples.eni(EniStatus.ATTACHING))) {
            seen(spared);
            later(Duration.ofSeconds(600));

            assertEquals(List.of(), seen(spared), spared.toString());
        }
        now = Instant.EPOCH.plusSeconds(100);
        seen(Samples.eni(EniStatus.AVAILABLE));
        later(Duration.ofSeconds(400));

        assertEquals(List.of(), seen(Samples.eni(EniStatus.AVAILABLE)), "younger than its TTL");
    }

    @Test
    void whatAnOperationUnderWayMadeIsItsOwn() {
        NetworkInterface unused = Samples.eni(EniStatus.AVAILABLE);
        leaks.seen(List.of(unused), RULES, TAGS::owns, _ -> true, now);
        later(Duration.ofSeconds(400));

        assertEquals(List.of(), leaks.seen(List.of(unused), RULES, TAGS::owns, _ -> true, now));
    }

    @Test
    void switchedOffItCollectsNothing() {
        Tuning.Collection off = new Tuning.Collection(false, Duration.ofSeconds(300), Duration.ofSeconds(600));
        NetworkInterface unused = Samples.eni(EniStatus.AVAILABLE);
        leaks.seen(List.of(unused), off, TAGS::owns, _ -> false, now);
        later(Duration.ofSeconds(400));

        assertEquals(List.of(), leaks.seen(List.of(unused), off, TAGS::owns, _ -> false, now));
    }
}
