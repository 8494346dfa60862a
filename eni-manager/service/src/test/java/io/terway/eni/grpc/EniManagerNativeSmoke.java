package io.terway.eni.grpc;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.junit.jupiter.api.Test;

/** The built executable starts, finds its credentials and shows its figures. Run by {@code -Dnative}. */
@QuarkusIntegrationTest
@QuarkusTestResource(TwinResource.class)
class EniManagerNativeSmoke {

    @Test
    void theExecutableServes() {
        String management = "http://localhost:" + Integer.getInteger("smoke.management.port");

        get(management + "/health/live").then().statusCode(200);
        get(management + "/metrics").then().statusCode(200).body(containsString("terway_api_call_total"));
    }
}
