package io.terway.eni.grpc;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** The built executable starts, finds its credentials and shows its figures. Run by {@code -Dnative}. */
@QuarkusIntegrationTest
@QuarkusTestResource(TwinResource.class)
class EniManagerNativeSmoke {

    @Test
    void theExecutableServes() {
        int port = ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class);
        String management = "http://localhost:" + port;

        get(management + "/health/live").then().statusCode(200);
        get(management + "/metrics").then().statusCode(200).body(containsString("terway_api_call_total"));
    }
}
