package io.terway.eni.sim;

import com.fasterxml.jackson.databind.JsonNode;

/** Where a twin is reached and with which key. */
record Endpoint(String api, int metadataPort, String accessKeyId, String accessKeySecret) {

    static Endpoint of(EcsSimulator twin) {
        Scenario.AccessKey key = twin.scenario().accessKey();
        return new Endpoint(twin.endpoint(), twin.metadataPort(), key.id(), key.secret());
    }

    /** From the line that the stand-alone twin prints. */
    static Endpoint of(JsonNode banner) {
        return new Endpoint(
                banner.path("endpoint").asText(),
                -1,
                banner.path("accessKeyId").asText(),
                banner.path("accessKeySecret").asText());
    }
}
