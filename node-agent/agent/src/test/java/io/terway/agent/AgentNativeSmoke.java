package io.terway.agent;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The built executable starts with nobody to ask and shows its figures. Run by {@code -Dnative}. */
@QuarkusIntegrationTest
@QuarkusTestResource(value = AgentIT.OwnTable.class, restrictToAnnotatedClass = true)
@TestProfile(AgentNativeSmoke.Alone.class)
class AgentNativeSmoke {

    /** Its API server was chosen when it was built: from the environment. */
    public static final class Alone implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> overrides = new HashMap<>(new AgentIT.Alone().getConfigOverrides());
            overrides.remove("quarkus.kubernetes-client.api-server-url");
            return Map.copyOf(overrides);
        }
    }

    @Test
    void theExecutableServes() {
        String management = "http://localhost:" + Integer.getInteger("smoke.management.port");

        get(management + "/health/live").then().statusCode(200);
        get(management + "/metrics").then().statusCode(200).body(containsString("terway_ip_pool_total"));
    }
}
