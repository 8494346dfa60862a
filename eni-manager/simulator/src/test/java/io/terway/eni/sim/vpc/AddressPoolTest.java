package io.terway.eni.sim.vpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.sim.refusal.Refusal;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressPoolTest {

    private final AddressPool v4 = new Ipv4Pool(Cidr.parse("192.168.1.0/24"));
    private final AddressPool v6 = new Ipv6Pool(Cidr.parse("2408:4005:3aa:7a00::/64"));

    @Test
    void slashTwentyFourHasTwoHundredFiftyTwoAddresses() {
        Set<Ip> taken = new HashSet<>();
        while (v4.free() > 0) {
            taken.add(v4.takeLowest());
        }
        assertEquals(252, taken.size());
        assertFalse(taken.contains(Ip.parse("192.168.1.0")));
        assertTrue(taken.contains(Ip.parse("192.168.1.252")));
        assertEquals(
                "InvalidVSwitchId.IpNotEnough",
                assertThrows(Refusal.class, v4::takeLowest).code());
    }

    @Test
    void firstAndLastThreeAreNotUsable() {
        for (String kept : Set.of("192.168.1.0", "192.168.1.253", "192.168.1.254", "192.168.1.255", "192.168.2.1")) {
            assertFalse(v4.usable(Ip.parse(kept)), kept);
        }
        assertTrue(v4.usable(Ip.parse("192.168.1.1")));
    }

    @Test
    void handsOutTheLowestFreeAddress() {
        Ip first = v4.takeLowest();
        v4.takeLowest();
        v4.release(first);
        assertEquals(first, v4.takeLowest());
    }

    @Test
    void prefixesComeFromTheTopAndCountSixteen() {
        Cidr prefix = v4.takeHighestPrefix();
        assertEquals(Cidr.parse("192.168.1.224/28"), prefix);
        assertEquals(252 - 16, v4.free());
        v4.release(prefix);
        assertEquals(252, v4.free());
    }

    @Test
    void prefixIsNotFreeWhileOneOfItsAddressesIsTaken() {
        v4.take(Ip.parse("192.168.1.230"));
        assertFalse(v4.isFree(Cidr.parse("192.168.1.224/28")));
        assertEquals(Cidr.parse("192.168.1.208/28"), v4.takeHighestPrefix());
    }

    @Test
    void ipv6KeepsTheFirstAndTheLastNine() {
        assertFalse(v6.usable(Ip.parse("2408:4005:3aa:7a00::")));
        assertFalse(v6.usable(Ip.parse("2408:4005:3aa:7a00:ffff:ffff:ffff:fff7")));
        assertTrue(v6.usable(Ip.parse("2408:4005:3aa:7a00:ffff:ffff:ffff:fff6")));
        assertEquals(Ip.parse("2408:4005:3aa:7a00::1"), v6.takeLowest());
    }

    @Test
    void ipv6ReusesReturnedAddressesAndSkipsNamedOnes() {
        v6.take(Ip.parse("2408:4005:3aa:7a00::2"));
        Ip first = v6.takeLowest();
        assertEquals(Ip.parse("2408:4005:3aa:7a00::3"), v6.takeLowest());
        v6.release(first);
        assertEquals(first, v6.takeLowest());
    }

    @Test
    void ipv6PrefixesAndAddressesKeepOutOfEachOthersWay() {
        v6.take(Ip.parse("2408:4005:3aa:7a00:fffe::1"));
        assertEquals(Cidr.parse("2408:4005:3aa:7a00:fffd::/80"), v6.takeHighestPrefix());
        assertFalse(v6.isFree(Ip.parse("2408:4005:3aa:7a00:fffd::1")));
    }

    @Test
    void vSwitchWithoutIpv6RefusesEveryUse() {
        assertEquals(
                "InvalidVSwitch.Ipv6NotTurnOn",
                assertThrows(Refusal.class, new NoIpv6()::takeLowest).code());
    }
}
