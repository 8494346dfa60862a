package io.terway.agent;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.junit.QuarkusIntegrationTest;
import io.quarkus.test.junit.TestProfile;
import org.junit.jupiter.api.Test;

/** The built executable starts with nobody to ask and shows its figures. Run by {@code -Dnative}. */
@QuarkusIntegrationTest
@TestProfile(AgentIT.Alone.class)
class AgentNativeSmoke {

    @Test
    void theExecutableServes() {
        String management = "http://localhost:" + Integer.getInteger("smoke.management.port");

        get(management + "/health/live").then().statusCode(200);
        get(management + "/metrics").then().statusCode(200).body(containsString("terway_ip_pool_total"));
    }
}
