package io.terway.eni.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.Action;
import io.terway.eni.Tuning;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LiveConfigTest {

    private final LiveConfig live = new LiveConfig(Tuning.DEFAULTS);

    private List<String> take(String eniConf) {
        return live.take(Map.of("eni_conf", eniConf));
    }

    @Test
    void aChangeTakesHoldAtOnceWithTheGuidesCommentsInIt() {
        take("{\"version\":\"1\", // API 限流\n \"rate_limit\": {\"eni_create_qps\": 2},}");

        assertEquals(2, live.get().rates().of(Action.CREATE_NETWORK_INTERFACE));
    }

    @Test
    void aWrongOneChangesNothingAndIsTold() {
        take("{\"rate_limit\":{\"eni_create_qps\":2},\"access_key\":\"id\",\"access_secret\":\"s\"}");

        List<String> refused = take("{\"rate_limit\":{\"eni_create_qps\":0},\"access_key\":\"other\"}");

        assertTrue(refused.getFirst().contains("rate_limit.eni_create_qps is '0'"), refused.toString());
        assertEquals(refused, live.problems());
        assertEquals(2, live.get().rates().of(Action.CREATE_NETWORK_INTERFACE));
        assertEquals("id", live.accessKey().orElseThrow().id());
        assertTrue(take("{not json").getFirst().startsWith("eni_conf is not JSON"));
    }

    @Test
    void whatIsTakenOutAgainIsAsAtStart() {
        take("{\"rate_limit\":{\"eni_create_qps\":2},\"access_key\":\"id\",\"access_secret\":\"s\"}");

        take("{}");

        assertEquals(Tuning.DEFAULTS, live.get());
        assertTrue(live.accessKey().isEmpty());
        assertEquals(List.of(), live.problems());
    }

    @Test
    void aCredentialPathIsAbsoluteOrRefusedByName() {
        take("{\"credential_path\":\"/var/addon/token-config\"}");

        List<String> refused = take("{\"credential_path\":\"token-config\",\"rate_limit\":{\"eni_create_qps\":2}}");

        assertTrue(refused.getFirst().startsWith("eni_conf.credential_path is 'token-config'; it must be"));
        assertEquals(Optional.of(Path.of("/var/addon/token-config")), live.credentialPath());
        assertEquals(Tuning.DEFAULTS, live.get());
        assertEquals(1, take("{\"credential_path\":\"/a\\u0000b\"}").size());
        assertEquals(List.of(), take("{\"credential_path\":null}"));
        assertTrue(live.credentialPath().isEmpty());
    }
}
