package io.terway.eni.sim;

import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/**
 * The contract asked of the real cloud; costs nothing but API calls. No part of `verify`:
 * {@code ./mvnw -q test -pl eni-manager/simulator -Dtest=RealCloudE2E} with ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET (and
 * _SECURITY_TOKEN), TERWAY_CONTRACT_REGION, _VSWITCH, _SECURITY_GROUP, _VPC, _INSTANCE (running, in the vSwitch's zone, with
 * a free ENI slot) and _INSTANCE_TYPE in the environment.
 */
class RealCloudE2E extends CloudContract {

    @Override
    Place place() {
        SdkClient sdk = SdkClient.ofRegion(
                need("TERWAY_CONTRACT_REGION"),
                need("ALIBABA_CLOUD_ACCESS_KEY_ID"),
                need("ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
                Optional.ofNullable(System.getenv("ALIBABA_CLOUD_SECURITY_TOKEN")));
        return new Place(
                sdk,
                need("TERWAY_CONTRACT_VSWITCH"),
                need("TERWAY_CONTRACT_SECURITY_GROUP"),
                need("TERWAY_CONTRACT_VPC"),
                need("TERWAY_CONTRACT_INSTANCE"),
                need("TERWAY_CONTRACT_INSTANCE_TYPE"));
    }

    private static String need(String name) {
        String value = System.getenv(name);
        Assumptions.assumeTrue(value != null && !value.isEmpty(), "opt-in: " + name + " is not set");
        return value;
    }
}
