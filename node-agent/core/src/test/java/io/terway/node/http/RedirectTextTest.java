package io.terway.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.node.policy.PortSpan;
import io.terway.node.policy.Transport;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedirectTextTest {

    private static final List<PortSpan> WEB = List.of(new PortSpan(Transport.TCP, 8080, 8090));

    /** As nft 1.0.6 lists what istio-init makes by iptables-nft. */
    private static final String ISTIO = """
            table ip nat {
            	chain ISTIO_INBOUND {
            		meta l4proto tcp tcp dport 15008 counter packets 0 bytes 0 return
            		meta l4proto tcp counter packets 0 bytes 0 jump ISTIO_IN_REDIRECT
            	}

            	chain ISTIO_IN_REDIRECT {
            		meta l4proto tcp counter packets 0 bytes 0 redirect to :15006
            	}

            	chain PREROUTING {
            		type nat hook prerouting priority dstnat; policy accept;
            		meta l4proto tcp counter packets 0 bytes 0 jump ISTIO_INBOUND
            	}
            }
            """;

    @Test
    void aMeshIsFoundByItsRule() {
        assertEquals(
                Optional.of("meta l4proto tcp counter packets 0 bytes 0 redirect to :15006"),
                RedirectText.find(ISTIO, WEB));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp dport 8080 redirect to :15006|true",
                "tcp dport { 80, 8085-8086 } redirect to :15006|true",
                "tcp dport != 15008 redirect to :15006|true",
                "meta l4proto tcp counter packets 0 bytes 0 xt target \"REDIRECT\"|true",
                "meta l4proto tcp tproxy to :15006|true",
                "redirect|false",
                "ip protocol tcp redirect|true",
                "tcp dport 9090 redirect to :15006|false",
                "udp dport 53 redirect to :15053|false",
                "tcp dport 8080 dnat to 172.17.0.2:80|false",
                "meta l4proto tcp counter packets 0 bytes 0 jump ISTIO_IN_REDIRECT|false",
            })
    void onlyWhatTurnsThosePortsCounts(String rule, boolean found) {
        assertEquals(
                found,
                RedirectText.find("table ip t {\n\tchain c {\n\t\t" + rule + "\n\t}\n}\n", WEB)
                        .isPresent());
    }

    @Test
    void ourOwnTablesDoNotCount() {
        String ours =
                "table inet terway {\n\tchain to_proxy {\n\t\tmeta l4proto tcp tproxy ip to 127.0.0.1:7605\n\t}\n}\n";

        assertEquals(Optional.empty(), RedirectText.find(ours, WEB));
        assertEquals(true, RedirectText.find(ours + ISTIO, WEB).isPresent());
    }
}
