package io.terway.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpTest {

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0,0.0.0.0",
        "255.255.255.255,255.255.255.255",
        "10.0.1.5,10.0.1.5",
        "::,::",
        "::1,::1",
        "1::,1::",
        "2001:DB8:0:0:1:0:0:1,2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1,2001:db8:0:1:1:1:1:1",
        "::ffff:10.0.0.1,::ffff:a00:1",
        "fe80:0:0:0:0:0:0:1,fe80::1"
    })
    void writesTheCanonicalForm(String text, String canonical) {
        assertEquals(canonical, Ip.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.04",
                "1..2.3",
                " 1.2.3.4",
                "1.2.3.4 ",
                ":",
                ":::",
                "1::2::3",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7::8",
                "12345::",
                "g::",
                "fe80::1%eth0",
                "::1.2.3",
                "0x1.2.3.4",
                "１.2.3.4"
            })
    void refusesWhatIsNotAnAddressAndNamesIt(String text) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> Ip.parse(text));
        assertTrue(refusal.getMessage().contains("'" + text + "'"), refusal.getMessage());
    }

    @Test
    void agreesWithTheJdkOnRandomIpv6() throws Exception {
        var random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            for (int g = 0; g < 16; g += 2) {
                if (random.nextInt(3) == 0) {
                    bytes[g] = 0;
                    bytes[g + 1] = 0;
                }
            }
            bytes[0] = 0x20; // never IPv4-mapped, which the JDK turns into IPv4
            Ip ip = Ip.of(bytes);
            assertEquals(ip, Ip.of(InetAddress.getByName(ip.toString()).getAddress()));
            assertEquals(ip, Ip.parse(InetAddress.getByAddress(bytes).getHostAddress()));
        }
    }

    @Test
    void addsAcrossTheHalvesOfAnIpv6Address() {
        assertEquals(
                "2001:db8:0:1::",
                Ip.parse("2001:db8::ffff:ffff:ffff:ffff").plus(1).toString());
        assertEquals(
                "2001:db8::ffff:ffff:ffff:ffff",
                Ip.parse("2001:db8:0:1::").plus(-1).toString());
        assertThrows(
                ArithmeticException.class, () -> Ip.parse("255.255.255.255").plus(1));
        assertThrows(ArithmeticException.class, () -> Ip.parse("::").plus(-1));
        assertThrows(
                ArithmeticException.class,
                () -> Ip.parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").plus(1));
    }

    @Test
    void ordersNumericallyNotByText() {
        assertTrue(Ip.parse("10.0.0.9").compareTo(Ip.parse("10.0.0.10")) < 0);
        assertTrue(Ip.parse("200.0.0.1").compareTo(Ip.parse("100.0.0.1")) > 0);
        assertTrue(Ip.parse("ffff::").compareTo(Ip.parse("1::")) > 0);
    }
}
