package io.terway.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CidrTest {

    @Test
    void namesTheCorrectedNetworkWhenHostBitsAreSet() {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Cidr.parse("10.0.1.5/24"));
        assertTrue(refusal.getMessage().contains("10.0.1.0/24"), refusal.getMessage());
        assertEquals(Cidr.parse("10.0.1.0/24"), Cidr.parseMasking("10.0.1.5/24"));
        assertEquals(Cidr.parse("2001:db8::/32"), Cidr.parseMasking("2001:db8:ffff::1/32"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/33",
                "10.0.0.0/-1",
                "10.0.0.0/",
                "10.0.0.0/08",
                "/8",
                "10.0.0.0/8/8",
                "::/129",
                "10.0.0.0/ 8"
            })
    void refusesABadPrefixLength(String text) {
        assertThrows(IllegalArgumentException.class, () -> Cidr.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "192.168.1.0/24,192.168.1.253",
        "10.0.0.0/16,10.0.255.253",
        "10.0.0.8/29,10.0.0.13",
        "2001:db8::/64,2001:db8::ffff:ffff:ffff:fff7"
    })
    void findsTheGatewayOfAVSwitch(String cidr, String gateway) {
        assertEquals(Ip.parse(gateway), Cidr.parse(cidr).vSwitchGateway());
    }

    @Test
    void containsItsFirstAndLastAddressAndNoOther() {
        for (String text : new String[] {
            "0.0.0.0/0",
            "10.0.0.0/8",
            "10.1.2.3/32",
            "::/0",
            "2001:db8::/33",
            "2001:db8::/64",
            "2001:db8::/80",
            "::1/128"
        }) {
            Cidr cidr = Cidr.parse(text);
            assertTrue(cidr.contains(cidr.network()), text);
            assertTrue(cidr.contains(cidr.last()), text);
            if (cidr.prefixLength() > 0) {
                assertFalse(cidr.contains(cidr.last().plus(1)), text);
            }
        }
        assertFalse(Cidr.parse("0.0.0.0/0").contains(Ip.parse("::1")));
        assertFalse(Cidr.parse("::/0").contains(Ip.parse("1.2.3.4")));
    }

    @Test
    void countsItsAddresses() {
        assertEquals(256, Cidr.parse("10.0.0.0/24").size());
        assertEquals(1L << 48, Cidr.parse("2001:db8::/80").size());
        assertEquals(Long.MAX_VALUE, Cidr.parse("::/0").size());
    }
}
