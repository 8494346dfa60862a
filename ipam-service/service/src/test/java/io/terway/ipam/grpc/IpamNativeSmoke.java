package io.terway.ipam.grpc;

import static io.restassured.RestAssured.get;
import static org.hamcrest.Matchers.containsString;

import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusIntegrationTest;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The built executable starts, leads and shows its figures. Run by {@code -Dnative}. */
@QuarkusIntegrationTest
@QuarkusTestResource(value = ClusterModel.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = IpamNativeSmoke.Listening.class, restrictToAnnotatedClass = true)
class IpamNativeSmoke {

    @Test
    void theExecutableServes() {
        String management = "http://localhost:" + Integer.getInteger("smoke.management.port");

        get(management + "/health/live").then().statusCode(200);
        get(management + "/metrics").then().statusCode(200).body(containsString("terway_ipam_sessions"));
    }

    /** Who starts the executable reads in its log where Quarkus listens, which it does not do otherwise. */
    public static class Listening implements QuarkusTestResourceLifecycleManager {

        @Override
        public Map<String, String> start() {
            return Map.of("quarkus.http.host-enabled", "true", "terway.listen.port", "0");
        }

        @Override
        public void stop() {}
    }
}
