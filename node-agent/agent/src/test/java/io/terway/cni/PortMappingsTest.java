package io.terway.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.node.hostport.HostPort;
import io.terway.node.policy.Transport;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PortMappingsTest {

    private static List<HostPort> read(String mappings) {
        String conf =
                "{\"cniVersion\":\"1.0.0\",\"name\":\"terway\",\"runtimeConfig\":{\"portMappings\":" + mappings + "}}";
        return NetConf.parse(conf.getBytes(StandardCharsets.UTF_8)).hostPorts();
    }

    @Test
    void aMappingWithoutAddressIsOpenAtAllOfBothFamilies() {
        assertEquals(
                List.of(
                        HostPort.everywhere(Transport.UDP, Family.IPV4, 53, 5353),
                        HostPort.everywhere(Transport.UDP, Family.IPV6, 53, 5353)),
                read("[{\"hostPort\":53,\"containerPort\":5353,\"protocol\":\"UDP\",\"hostIP\":\"\"}]"));
    }

    @Test
    void anAddressIsOneAndTheUnspecifiedOneAllOfItsFamily() {
        assertEquals(
                List.of(
                        new HostPort(Transport.TCP, Cidr.parse("10.0.0.10/32"), 80, 81),
                        HostPort.everywhere(Transport.TCP, Family.IPV6, 80, 81)),
                read("[{\"hostPort\":80,\"containerPort\":81,\"hostIP\":\"10.0.0.10\"},"
                        + "{\"hostPort\":80,\"containerPort\":81,\"hostIP\":\"::\"}]"));
    }

    @Test
    void aPortThatIsNotOpenedAtTheNodeAndRepetitionsAreNothing() {
        assertEquals(List.of(), read("[{\"containerPort\":81}]"));
        assertEquals(List.of(), read("null"));
        String one = "{\"hostPort\":80,\"containerPort\":81,\"hostIP\":\"0.0.0.0\"}";
        assertEquals(1, read("[" + one + "," + one + "]").size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "7|is no list",
                "[{\"hostPort\":\"x\"}]|[0].hostPort is \"x\", not a port",
                "[{\"hostPort\":1}]|[0]: containerPort 0 is not in 1..65535",
                "[{\"hostPort\":-1,\"containerPort\":1}]|[0]: hostPort -1 is not in 1..65535",
                "[{\"hostPort\":1,\"containerPort\":1,\"protocol\":\"icmp\"}]|[0].protocol is 'icmp', not tcp, udp or sctp",
                "[{\"hostPort\":1,\"containerPort\":1,\"hostIP\":\"x\"}]|[0].hostIP is 'x', not an address",
                "[{\"hostPort\":1,\"containerPort\":1},{\"hostPort\":1,\"containerPort\":2}]|"
                        + "[1]: hostPort 1/TCP leads to containerPort 2 and 1"
            })
    void whatCannotBeReadIsNamed(String mappings, String said) {
        CniFailure failure = assertThrows(CniFailure.class, () -> read(mappings));

        assertEquals(CniCode.INVALID_CONFIGURATION, failure.code());
        String message = failure.getMessage();
        assertEquals(
                said, message.substring(message.indexOf(said.substring(0, 3))).substring(0, said.length()));
    }
}
