package io.terway.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MacTest {

    @Test
    void readsAnyCaseAndWritesLowerCase() {
        assertEquals("00:16:3e:0a:fb:0c", Mac.parse("00:16:3E:0A:FB:0C").toString());
    }

    @Test
    void keepsTransmissionOrder() {
        assertArrayEquals(
                new byte[] {0, 0x16, 0x3e, 1, 2, 3},
                Mac.parse("00:16:3e:01:02:03").bytes());
        assertEquals(Mac.parse("00:16:3e:01:02:03"), Mac.of(new byte[] {0, 0x16, 0x3e, 1, 2, 3}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00:16:3e:01:02", "00-16-3e-01-02-03", "0:16:3e:01:02:03", "00:16:3e:01:02:0g"})
    void refusesOtherForms(String text) {
        assertThrows(IllegalArgumentException.class, () -> Mac.parse(text));
    }
}
