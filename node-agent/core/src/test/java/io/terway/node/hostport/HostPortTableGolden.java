package io.terway.node.hostport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.policy.Transport;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The table as nft lists it, to the letter. */
class HostPortTableGolden {

    private static final Published WEB = new Published(
            new SandboxKey("terway", "b", "eth0"),
            List.of(Ip.parse("10.0.64.11"), Ip.parse("fd00:64::b")),
            List.of(
                    HostPort.everywhere(Transport.TCP, Family.IPV4, 8080, 80),
                    HostPort.everywhere(Transport.TCP, Family.IPV6, 8080, 80)));
    private static final Published DNS = new Published(
            new SandboxKey("terway", "a", "eth0"),
            List.of(Ip.parse("10.0.64.12")),
            List.of(
                    new HostPort(Transport.UDP, Cidr.parse("10.0.0.10/32"), 53, 5353),
                    HostPort.everywhere(Transport.SCTP, Family.IPV6, 9, 9)));

    @Test
    void eachPortIsARuleAndThoseOfOneAddressComeFirst() {
        assertEquals("""
                table inet terway_hostport {
                	chain published {
                		ip daddr 10.0.0.10 udp dport 53 dnat ip to 10.0.64.12:5353
                		meta nfproto ipv4 tcp dport 8080 dnat ip to 10.0.64.11:80
                		meta nfproto ipv6 tcp dport 8080 dnat ip6 to [fd00:64::b]:80
                	}

                	chain in {
                		type nat hook prerouting priority dstnat; policy accept;
                		fib daddr type local jump published
                	}

                	chain out {
                		type nat hook output priority -100; policy accept;
                		ip6 daddr ::1 return
                		fib daddr type local jump published
                	}

                	chain back {
                		type nat hook postrouting priority srcnat; policy accept;
                		ip saddr 127.0.0.0/8 oifname "cali*" masquerade
                		ip saddr 10.0.64.12 ip daddr 10.0.64.12 masquerade
                		ip saddr 10.0.64.11 ip daddr 10.0.64.11 masquerade
                		ip6 saddr fd00:64::b ip6 daddr fd00:64::b masquerade
                	}

                	chain guard {
                		type filter hook prerouting priority raw; policy accept;
                		iifname "cali*" ip daddr 127.0.0.0/8 drop
                		iifname "cali*" ip saddr 127.0.0.0/8 drop
                	}
                }""", HostPortTable.of(List.of(WEB, DNS)).listing());
    }

    @Test
    void whatItSaysCanBeReadBack() {
        String listing = HostPortTable.of(List.of(WEB, DNS)).listing();

        assertEquals(
                Map.of(
                        Ip.parse("10.0.64.12"), List.of(DNS.ports().getFirst()),
                        Ip.parse("10.0.64.11"), List.of(WEB.ports().getFirst()),
                        Ip.parse("fd00:64::b"), List.of(WEB.ports().getLast())),
                HostPortTable.read(listing));
        assertEquals(Map.of(), HostPortTable.read("table inet other {\n}"));
    }

    @Test
    void theOrderOfPodsDoesNotMatter() {
        assertEquals(HostPortTable.of(List.of(WEB, DNS)), HostPortTable.of(List.of(DNS, WEB)));
    }

    @Test
    void portsCollideWhereAPacketCouldBeForEither() {
        HostPort all = HostPort.everywhere(Transport.TCP, Family.IPV4, 8080, 80);
        HostPort one = new HostPort(Transport.TCP, Cidr.parse("10.0.0.10/32"), 8080, 81);

        assertTrue(all.collidesWith(one) && one.collidesWith(all));
        assertFalse(one.collidesWith(new HostPort(Transport.TCP, Cidr.parse("10.0.0.11/32"), 8080, 81)));
        assertFalse(all.collidesWith(HostPort.everywhere(Transport.UDP, Family.IPV4, 8080, 80)));
        assertFalse(all.collidesWith(HostPort.everywhere(Transport.TCP, Family.IPV6, 8080, 80)));
    }

    @Test
    void aPortThatIsNoneIsNamed() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> HostPort.everywhere(Transport.TCP, Family.IPV4, 8080, 65536));

        assertEquals("containerPort 65536 is not in 1..65535", e.getMessage());
    }
}
