package io.terway.lab.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.terway.lab.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The data of the ConfigMap eni-config.
 *
 * @param data its keys; eni_conf is always there
 */
public record EniConfig(Map<String, String> data) {
    /** The services' block of the guide's examples. */
    static final String SERVICE_CIDR = "172.16.0.0/16";

    private static final ObjectMapper JSON = new ObjectMapper();

    public EniConfig {
        data = Map.copyOf(data);
    }

    /**
     * The lab's own: small pools, so that a lab is warm soon and grows under load. They count addresses (ENIIP), ENIs
     * (ENI) or member ENIs (Trunk); in VPC mode there is no pool.
     */
    static EniConfig standard(ClusterSpec spec, CloudFacts cloud) {
        ObjectNode conf = JSON.createObjectNode();
        conf.put("version", "1");
        switch (spec.mode()) {
            case ENIIP -> conf.put("max_pool_size", 10).put("min_pool_size", 5);
            case ENI -> conf.put("max_pool_size", 4).put("min_pool_size", 2);
            case TRUNK -> conf.put("max_pool_size", 5).put("min_pool_size", 3).put("trunk_on", true);
            case VPC -> {}
        }
        conf.put("network_mode", spec.mode().text());
        conf.put("eniip_virtual_type", spec.virtualType().text());
        conf.put("ip_stack", spec.stack().text());
        conf.put("service_cidr", SERVICE_CIDR);
        conf.put("security_group", cloud.securityGroupId());
        ObjectNode vSwitches = conf.putObject("vswitches");
        for (CloudFacts.VSwitch vSwitch : cloud.vSwitches()) {
            if (vSwitch.pods()) {
                ArrayNode zone = vSwitches.withArray("/" + vSwitch.zone());
                zone.add(vSwitch.id());
            }
        }
        return new EniConfig(Map.of("eni_conf", conf.toPrettyString()));
    }

    /**
     * Reads a ConfigMap in YAML or JSON, or a bare eni_conf. What is inside eni_conf is the product's to judge.
     *
     * @throws Refusal naming the file and what is wrong with it
     */
    static EniConfig read(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (IOException e) {
            throw new Refusal("--eni-config " + file + " cannot be read: " + e.getMessage());
        }
    }

    static EniConfig parse(String text, String file) {
        if (text.stripLeading().startsWith("{") && !text.contains("\"kind\"")) {
            return new EniConfig(Map.of("eni_conf", text));
        }
        JsonNode map;
        try {
            map = new YAMLMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new Refusal("--eni-config " + file + " is neither YAML nor JSON: "
                    + e.getOriginalMessage().lines().findFirst().orElse(""));
        }
        if (!map.path("kind").asText().equals("ConfigMap") || !map.path("data").has("eni_conf")) {
            throw new Refusal("--eni-config " + file
                    + " is neither a ConfigMap with the key eni_conf nor the JSON of eni_conf itself");
        }
        Map<String, String> data = new LinkedHashMap<>();
        map.path("data")
                .properties()
                .forEach(entry -> data.put(entry.getKey(), entry.getValue().asText()));
        return new EniConfig(data);
    }
}
