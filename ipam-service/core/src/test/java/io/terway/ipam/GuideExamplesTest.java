package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every ConfigMap of the guide, as it is printed there; files are named by the guide's line and the ConfigMap's key. */
class GuideExamplesTest {

    private static final List<String> KEYS =
            List.of("eni_conf", "10-terway.conf", "10-terway.conflist", "disable_network_policy");

    private static Map<String, String> example(String line) {
        Map<String, String> data = new HashMap<>();
        for (String key : KEYS) {
            try (InputStream file = GuideExamplesTest.class.getResourceAsStream("guide/" + line + "." + key)) {
                if (file != null) {
                    data.put(key, new String(file.readAllBytes(), StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
        assertTrue(!data.isEmpty(), "no example " + line);
        return data;
    }

    private static ConfigReading.Accepted read(String line) {
        return assertInstanceOf(ConfigReading.Accepted.class, EniConfigMap.read(example(line)));
    }

    @ParameterizedTest
    @CsvSource({
        "0225,ENIIP,25,10",
        "0513,VPC,5,0",
        "0582,ENI,3,1",
        "0667,ENIIP,25,10",
        "0781,TRUNK,50,20",
        "1291,ENIIP,25,10",
        "1345,ENIIP,50,20",
        "1448,ENIIP,60,30",
        "2693,ENIIP,80,40",
        "2773,ENIIP,100,50"
    })
    void isAcceptedWithItsModeAndItsPool(String line, EniConfig.Mode mode, int max, int min) {
        EniConfig config = read(line).config();

        assertEquals(mode, config.mode());
        assertEquals(max, config.pool().max());
        assertEquals(min, config.pool().min());
    }

    @Test
    void policyIsOnWhereTheGuideSaysSo() {
        assertTrue(read("1291").config().datapath().networkPolicy());
    }
}
