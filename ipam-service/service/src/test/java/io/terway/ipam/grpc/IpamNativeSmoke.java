package io.terway.ipam.grpc;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** The built executable starts, leads and shows its figures. Run by {@code -Dnative}. */
@QuarkusIntegrationTest
@QuarkusTestResource(value = ClusterModel.class, restrictToAnnotatedClass = true)
class IpamNativeSmoke {

    @Test
    void theExecutableServes() {
        int port = ConfigProvider.getConfig().getValue("quarkus.management.test-port", Integer.class);
        String management = "http://localhost:" + port;

        get(management + "/health/live").then().statusCode(200);
        get(management + "/metrics").then().statusCode(200).body(containsString("terway_ipam_sessions"));
    }
}
