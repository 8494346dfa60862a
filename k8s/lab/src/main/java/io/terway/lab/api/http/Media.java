package io.terway.lab.api.http;

import io.terway.lab.api.object.Refusal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** The form of an answer, chosen from the Accept header: the first one offered that can be made. */
sealed interface Media {

    String contentType();

    /** The objects themselves. */
    record Plain() implements Media {
        @Override
        public String contentType() {
            return "application/json";
        }
    }

    /** Rows for printing. */
    record Table() implements Media {
        @Override
        public String contentType() {
            return "application/json";
        }
    }

    /** Metadata alone. */
    record Partial() implements Media {
        @Override
        public String contentType() {
            return "application/json";
        }
    }

    /** Discovery of every group in one document. */
    record Aggregated() implements Media {
        @Override
        public String contentType() {
            return "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        }
    }

    /** The OpenAPI v2 document in its protobuf form. */
    record ProtobufOpenApi() implements Media {
        @Override
        public String contentType() {
            return "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
        }
    }

    /**
     * Reads an Accept header.
     *
     * @throws Refusal NotAcceptable when nothing offered can be made
     */
    static Media of(String accept) {
        for (String offer : accept.isBlank() ? new String[] {"*/*"} : accept.split(",")) {
            String[] parts = offer.strip().split(";");
            Map<String, String> parameters = parameters(parts);
            String as = parameters.getOrDefault("as", "");
            switch (parts[0].strip()) {
                case "application/json", "*/*", "application/*" -> {
                    Media media = json(as, parameters);
                    if (media != null) {
                        return media;
                    }
                }
                case "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
                        "application/com.github.proto-openapi.spec.v2.v1.0+protobuf" -> {
                    return new ProtobufOpenApi();
                }
                default -> {
                    // Another offer may follow.
                }
            }
        }
        throw Refusal.notAcceptable();
    }

    private static Media json(String as, Map<String, String> parameters) {
        String version = parameters.getOrDefault("v", "");
        return switch (as) {
            case "" -> new Plain();
            case "Table" -> version.equals("v1") ? new Table() : null;
            case "PartialObjectMetadata", "PartialObjectMetadataList" -> version.equals("v1") ? new Partial() : null;
            case "APIGroupDiscoveryList" -> version.equals("v2") ? new Aggregated() : null;
            default -> null;
        };
    }

    private static Map<String, String> parameters(String[] parts) {
        Map<String, String> out = new HashMap<>();
        Arrays.stream(parts).skip(1).forEach(part -> {
            int equals = part.indexOf('=');
            if (equals > 0) {
                out.put(
                        part.substring(0, equals).strip(),
                        part.substring(equals + 1).strip());
            }
        });
        return out;
    }
}
