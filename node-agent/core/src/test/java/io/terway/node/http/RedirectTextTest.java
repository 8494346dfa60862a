package io.terway.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.net.Ip;
import io.terway.node.policy.Direction;
import io.terway.node.policy.PortSpan;
import io.terway.node.policy.Transport;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectTextTest {

    private static final List<PortSpan> WEB = List.of(new PortSpan(Transport.TCP, 8080, 8090));
    private static final List<Ip> OWN = List.of(Ip.parse("10.0.0.2"));

    /** As nft 1.0.6 lists what istio-init makes by iptables-nft; %s: excluded inbound, then outbound. */
    private static final String ISTIO = """
            table ip nat {
            	chain ISTIO_INBOUND {
            		tcp dport 15008 counter return
            		tcp dport 15090 counter return
            		%s
            		meta l4proto 6 counter jump ISTIO_IN_REDIRECT
            	}

            	chain ISTIO_REDIRECT {
            		meta l4proto 6 counter redirect to :15001
            	}

            	chain ISTIO_IN_REDIRECT {
            		meta l4proto 6 counter redirect to :15006
            	}

            	chain ISTIO_OUTPUT {
            		%s
            		oifname "lo" ip saddr 127.0.0.6 counter return
            		oifname "lo" meta l4proto 6 ip daddr != 127.0.0.1 tcp dport != { 53, 15008 } skuid 1337 counter jump ISTIO_IN_REDIRECT
            		oifname "lo" skuid != 1337 counter return
            		skuid 1337 counter return
            		ip daddr 127.0.0.1 counter return
            		counter jump ISTIO_REDIRECT
            	}

            	chain PREROUTING {
            		type nat hook prerouting priority -100; policy accept;
            		meta l4proto 6 counter jump ISTIO_INBOUND
            	}

            	chain OUTPUT {
            		type nat hook output priority -100; policy accept;
            		meta l4proto 6 counter jump ISTIO_OUTPUT
            	}
            }
            """;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "||true|true",
                "tcp dport 8080 counter return||true|true", // 8081 is not excluded
                "tcp dport 8080-8090 counter return||false|true",
                "meta l4proto 6 tcp dport { 22, 8080-8085, 8086-8090 } counter return||false|true",
                "meta l4proto 6 tcp dport 8080-8090 ip saddr 10.0.0.0/8 counter return||true|true", // for some only
                "tcp dport 8080-8090 counter accept||false|true",
                "|tcp dport 8000-9000 counter return|true|false",
                "|meta l4proto 6 xt match multiport counter return|true|true", // not known what it asks
                "tcp dport 8000-9000 counter return|tcp dport 8000-9000 counter return|false|false",
            })
    void aMeshIsFoundOnTheSideWhereItTurnsThePorts(String inbound, String outbound, boolean in, boolean out) {
        String rules = ISTIO.formatted(inbound == null ? "" : inbound, outbound == null ? "" : outbound);

        assertEquals(
                in ? Optional.of("chain ISTIO_IN_REDIRECT of table ip nat") : Optional.empty(),
                find(rules, Direction.INGRESS));
        assertEquals(out, find(rules, Direction.EGRESS).isPresent());
    }

    /** Istio where ports are chosen: "includeInboundPorts". */
    @Test
    void portsThatNobodySendsToTheMeshArePassed() {
        String rules =
                hooked("tcp dport 9090 counter jump in_redirect", "chain in_redirect {", "redirect to :15006", "}");

        assertEquals(Optional.empty(), find(rules, Direction.INGRESS));
        assertEquals(
                Optional.of("chain in_redirect of table ip t"),
                RedirectText.find(rules, Direction.INGRESS, List.of(new PortSpan(Transport.TCP, 9000, 9100)), OWN));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcp dport 8080 redirect to :15006|true",
                "tcp dport { 80, 8085-8086 } redirect to :15006|true",
                "tcp dport != 15008 redirect to :15006|true",
                "tcp dport != 8080-8090 redirect to :15006|false",
                "tcp dport > 1024 redirect to :15006|true",
                "tcp dport @ports redirect to :15006|true",
                "tcp dport & 1 == 1 redirect to :15006|true",
                "tcp dport 0-99999 redirect to :15006|true",
                "meta l4proto tcp counter packets 0 bytes 0 xt target \"REDIRECT\"|true",
                "tcp dport 1-8079 counter xt target TPROXY|false",
                "tcp dport 8080 counter xt target TPROXY|true",
                "meta l4proto tcp tproxy to :15006|true",
                "redirect|true",
                "ip protocol tcp redirect|true",
                "meta l4proto { 6, 17 } redirect|true",
                "meta l4proto 6-17 redirect|true",
                "meta l4proto vmap { 6 : jump turn }|true",
                "meta l4proto 17 redirect to :15053|false",
                "meta l4proto != 6 redirect to :15053|false",
                "tcp dport 9090 redirect to :15006|false",
                "udp dport 53 redirect to :15053|false",
                "tcp dport 8080 dnat to 172.17.0.2:80|false",
                "tcp dport 8080 dnat ip6 to [fd00::9]:80|false",
                "tcp dport 8080 dnat to 10.0.0.2:15006|true",
                "tcp dport 8080 dnat ip to 127.0.0.1:15006|true",
                "tcp dport 8080 dnat ip6 to [::1]:15006|true",
                "tcp dport 8080 dnat to :15006|true",
                "tcp dport 8080 dnat to 172.17.0.2-172.17.0.9|true",
                "tcp dport 8080 dnat ip to tcp dport map { 80 : 1.2.3.4 . 80 }|true",
                "meta l4proto 6 counter jump turn|true",
                "meta l4proto 6 counter goto turn|true",
                "tcp dport vmap { 80 : jump turn, 90-91 : return }|true",
                "tcp dport vmap @verdicts|true",
                "tcp dport 9090 goto turn|false",
                "tcp flags 0x2 redirect to :1 comment \"dport 99999999999\"|true",
                "tcp dport 80 accept comment \"x redirect to :1\"|false",
                "iifname { \"a}\", \"b\" } redirect to :1|true",
                "log prefix \"return } x\" redirect to :1|true",
            })
    void onlyWhatTurnsThosePortsCounts(String rule, boolean found) {
        assertEquals(
                found,
                find(hooked(rule, "chain turn {", "redirect to :15006", "}"), Direction.INGRESS)
                        .isPresent());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jump a|return|true", // comes back to the redirect
                "goto a|return|false", // back to the hook: past it
                "jump a|accept|false",
                "jump a|ip saddr 1.2.3.4 accept|true",
                "ip saddr 1.2.3.4 goto a|return|true",
                "tcp dport 8080-8085 goto a|accept|true", // 8086 goes on
            })
    void chainsAreFollowedAsTheKernelDoes(String first, String inside, boolean found) {
        String rules = hooked(first + "\n\t\tredirect to :1", "chain a {", inside, "}");

        assertEquals(found, find(rules, Direction.INGRESS).isPresent());
    }

    @Test
    void whatNoHookLeadsToDoesNotCount() {
        assertEquals(
                Optional.empty(), find("table ip t {\n\tchain c {\n\t\tredirect to :1\n\t}\n}\n", Direction.INGRESS));
    }

    @Test
    void ourOwnTablesDoNotCount() {
        String ours =
                hooked("meta l4proto tcp tproxy ip to 127.0.0.1:7605").replace("table ip t ", "table inet terway ");

        assertEquals(Optional.empty(), find(ours, Direction.INGRESS));
        assertEquals(
                true, find(ours + ISTIO.formatted("", ""), Direction.INGRESS).isPresent());
    }

    /** A pod may write what it likes; whoever asks takes it for a redirect. */
    @ParameterizedTest
    @ValueSource(strings = {"jump nowhere", "jump {\n\t\t\treturn\n\t\t}\n\t\tredirect to :1"})
    void whatCannotBeFollowedIsSaid(String rule) {
        String rules = hooked(rule);

        assertThrows(IllegalArgumentException.class, () -> find(rules, Direction.INGRESS));
    }

    /** Ten chains, each of which leads ten times to the next. */
    @Test
    void chainsOfTooManyWaysEnd() {
        String chains = IntStream.range(1, 11)
                .mapToObj(i -> "chain c" + i + " {\n" + ("jump c" + (i + 1) + "\n").repeat(10) + "}\n")
                .collect(Collectors.joining());
        String rules = hooked("jump c1", chains, "chain c11 {", "}");

        assertThrows(IllegalArgumentException.class, () -> find(rules, Direction.INGRESS));
    }

    private static Optional<String> find(String rules, Direction direction) {
        return RedirectText.find(rules, direction, WEB, OWN);
    }

    private static String hooked(String rule, String... more) {
        return "table ip t {\n\tset s {\n\t\ttype inet_service\n\t}\n\n\tchain c {\n"
                + "\t\ttype nat hook prerouting priority -100; policy accept;\n\t\t" + rule + "\n\t}\n"
                + String.join("\n", more) + "\n}\n";
    }
}
