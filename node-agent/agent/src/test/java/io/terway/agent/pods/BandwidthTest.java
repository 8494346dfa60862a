package io.terway.agent.pods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BandwidthTest {

    @ParameterizedTest
    @CsvSource({
        "kubernetes.io/ingress-bandwidth, 10M, 1250000",
        "kubernetes.io/ingress-bandwidth, 1Mi, 131072",
        "kubernetes.io/ingress-bandwidth, 1.5G, 187500000",
        "kubernetes.io/ingress-bandwidth, 1000, 125",
        "kubernetes.io/ingress-bandwidth, 1P, 125000000000000",
        "k8s.aliyun.com/ingress-bandwidth, 10M, 10000000",
        "k8s.aliyun.com/ingress-bandwidth, 64K, 64000"
    })
    void bitsAndBytesAreReadByTheFamilyOfTheName(String annotation, String value, long bytesPerSecond) {
        Bandwidth bandwidth = Bandwidth.of(Map.of(annotation, value));

        assertEquals(OptionalLong.of(bytesPerSecond), bandwidth.ingress());
        assertEquals(OptionalLong.empty(), bandwidth.egress());
    }

    @Test
    void kubernetesOwnNameDecides() {
        Bandwidth bandwidth =
                Bandwidth.of(Map.of("kubernetes.io/egress-bandwidth", "8M", "k8s.aliyun.com/egress-bandwidth", "3M"));

        assertEquals(OptionalLong.of(1_000_000), bandwidth.egress());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "-1M", "0", "999", "2P", "10 MB", "10MB", "1e6", "999999999999999999999"})
    void whatIsNoRateIsNamed(String value) {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> Bandwidth.of(Map.of("kubernetes.io/egress-bandwidth", value)));

        assertTrue(
                refused.getMessage().startsWith("annotation kubernetes.io/egress-bandwidth is '"),
                refused.getMessage());
    }
}
