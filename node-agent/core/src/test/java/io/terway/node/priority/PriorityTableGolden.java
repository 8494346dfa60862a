package io.terway.node.priority;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.net.Ip;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The tables as nft lists them, but for its breaking of long lines. */
class PriorityTableGolden {

    @Test
    void eachAddressHasThePriorityOfItsPod() {
        assertEquals(
                """
                table inet terway_priority {
                	map ipv4 {
                		type ipv4_addr : classid
                		elements = { 10.0.64.2 : 0:2, 10.0.64.11 : 0:6, 10.0.64.13 : none }
                	}

                	map ipv6 {
                		type ipv6_addr : classid
                		elements = { fd00:64::b : 0:6 }
                	}

                	chain out {
                		type filter hook postrouting priority mangle; policy accept;
                		meta priority set ip saddr map @ipv4
                		meta priority set ip6 saddr map @ipv6
                	}
                }""",
                PriorityTable.of(Map.of(
                                Ip.parse("10.0.64.11"), NetworkPriority.GUARANTEED,
                                Ip.parse("10.0.64.2"), NetworkPriority.BEST_EFFORT,
                                Ip.parse("10.0.64.13"), NetworkPriority.BURSTABLE,
                                Ip.parse("fd00:64::b"), NetworkPriority.GUARANTEED))
                        .listing());
    }

    @Test
    void insideOfAPodAllItSendsByItsLinkHasIt() {
        assertEquals(
                """
                table inet terway_priority {
                	chain out {
                		type filter hook postrouting priority mangle; policy accept;
                		oifname "eth0" meta priority set 0:2
                	}
                }""", PriorityTable.inside("eth0", NetworkPriority.BEST_EFFORT).listing());
    }

    @Test
    void aClassThatIsNoneIsNamed() {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> NetworkPriority.parse("Guaranteed"));

        assertEquals("'Guaranteed'; it must be guaranteed, burstable or best-effort", e.getMessage());
        for (NetworkPriority priority : NetworkPriority.values()) {
            assertEquals(priority, NetworkPriority.parse(priority.toString()));
        }
    }
}
