package io.terway.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardingTest {

    private static final ZoneId H = new ZoneId("cn-hangzhou-h");
    private static final ZoneId I = new ZoneId("cn-hangzhou-i");

    @Test
    void withoutAnySettingOneShardServesAll() {
        assertEquals(1, Sharding.parse(" ").count());
        assertEquals(0, Sharding.NONE.of(H, "node-1"));
        assertEquals("terway-ipam", Sharding.NONE.lease(0));
    }

    @Test
    void aZoneIsServedByTheShardThatIsNamedForItAndTheOthersByTheStar() {
        Sharding sharding = Sharding.parse("cn-hangzhou-h=1; *=0");

        assertEquals(2, sharding.count());
        assertEquals(1, sharding.of(H, "node-1"));
        assertEquals(0, sharding.of(I, "node-1"));
        assertEquals("terway-ipam-1", sharding.lease(1));
    }

    @Test
    void nodesOfOneZoneAreDividedEvenlyAndAlwaysAlike() {
        Sharding sharding = Sharding.parse("cn-hangzhou-h=0,2;*=1");

        long first = IntStream.range(0, 20_000)
                .filter(i -> sharding.of(H, "cn-hangzhou.10.0." + i / 250 + "." + i % 250) == 0)
                .count();

        assertTrue(first > 9_000 && first < 11_000, first + " of 20,000 nodes are of the first of two shards");
        assertEquals(List.of(0, 2), sharding.of(H));
        assertEquals(
                sharding.of(H, "node-7"),
                Sharding.parse("*=1;cn-hangzhou-h=0,2").of(H, "node-7"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a=0|each zone needs one, and so do the others",
                "*=1|without gaps",
                "*=0;a=2|without gaps",
                "*=0;a|must be ZONE=SHARD",
                "*=0;a=b|must be ZONE=SHARD",
                "*=0;=1|must be ZONE=SHARD",
                "*=0;a=1;a=0|zone a is named twice",
                "*=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,"
                        + "40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64|at most 64"
            })
    void whatCannotBeReadIsRefusedWithTheReason(String text, String why) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Sharding.parse(text));

        assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
    }
}
