package io.terway.eni;

import static io.terway.eni.Samples.FIRST;
import static io.terway.eni.Samples.SECOND;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.eni.VSwitchBook.Policy;
import io.terway.net.Cidr;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VSwitchBookTest {

    private static final Instant NOW = Instant.EPOCH;
    private static final List<VSwitchId> BOTH = List.of(FIRST, SECOND);

    private final VSwitchBook book = new VSwitchBook();

    private static VSwitch vSwitch(VSwitchId id, long available) {
        return new VSwitch(id, new ZoneId("z"), new VpcId("vpc-1"), List.of(Cidr.parse("10.0.0.0/24")), available);
    }

    @Test
    void orderedKeepsTheCallersOrder() {
        assertEquals(BOTH, book.choose(BOTH, Policy.ORDERED, 0.9, NOW));
    }

    @Test
    void mostPrefersTheVSwitchWithMoreFreeAddresses() {
        book.seen(List.of(vSwitch(FIRST, 10), vSwitch(SECOND, 20)));

        assertEquals(List.of(SECOND, FIRST), book.choose(BOTH, Policy.MOST, 0, NOW));
    }

    @Test
    void usedAddressesCountBeforeTheNextListing() {
        book.seen(List.of(vSwitch(FIRST, 25), vSwitch(SECOND, 20)));

        book.used(FIRST, 10);

        assertEquals(List.of(SECOND, FIRST), book.choose(BOTH, Policy.MOST, 0, NOW));
    }

    @Test
    void randomStartsAnywhere() {
        assertEquals(List.of(SECOND, FIRST), book.choose(BOTH, Policy.RANDOM, 0.6, NOW));
    }

    @Test
    void anExhaustedVSwitchIsLeftOutUntilItsBlockEnds() {
        book.exhausted(FIRST, NOW);

        assertEquals(List.of(SECOND), book.choose(BOTH, Policy.ORDERED, 0, NOW.plusSeconds(1)));
        assertEquals(BOTH, book.choose(BOTH, Policy.ORDERED, 0, NOW.plus(VSwitchBook.BLOCK)));
    }

    @Test
    void whenAllAreBlockedTheCloudDecides() {
        book.exhausted(FIRST, NOW);
        book.exhausted(SECOND, NOW);

        assertEquals(BOTH, book.choose(BOTH, Policy.ORDERED, 0, NOW));
    }

    @Test
    void remembersNoMoreVSwitchesThanItsBound() {
        for (int i = 0; i < VSwitchBook.MAX_V_SWITCHES + 10; i++) {
            book.seen(List.of(vSwitch(new VSwitchId("vsw-n" + i), 1)));
        }

        assertEquals(VSwitchBook.MAX_V_SWITCHES, book.known().size());
    }
}
