package io.terway.ipam;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A ConfigMap in the form of eni-config, as text: {@code eni_conf}, {@code 10-terway.conflist} or {@code 10-terway.conf}, and
 * {@code disable_network_policy}. Used by the service and by {@code terway-cli config check}.
 */
public final class EniConfigMap {

    private static final String CONF = "eni_conf";
    private static final String LIST = "10-terway.conflist";
    private static final String SINGLE = "10-terway.conf";

    private EniConfigMap() {}

    /** Reads the data of the cluster's ConfigMap; an absent eni_conf means the defaults. */
    public static ConfigReading read(Map<String, String> data) {
        return read(data, Map.of());
    }

    /**
     * Reads the cluster's ConfigMap with another's eni_conf laid over it (RFC 7396).
     *
     * @param override data of the ConfigMap that a node's label terway-config names
     */
    public static ConfigReading read(Map<String, String> data, Map<String, String> override) {
        List<String> problems = new ArrayList<>();
        Map<String, Object> conf = merged(object(data, CONF, problems), object(override, CONF, problems));
        Map<String, Object> cni = terway(data, problems);
        Map<String, Object> rest = new LinkedHashMap<>(data);
        if (!problems.isEmpty()) {
            return new ConfigReading.Refused(problems);
        }
        return EniConfigReader.read(conf, cni, rest);
    }

    private static Map<String, Object> object(Map<String, String> data, String key, List<String> problems) {
        try {
            return JsonText.object(data.getOrDefault(key, "{}"));
        } catch (JsonText.Malformed e) {
            problems.add(key + " is not JSON: " + e.getMessage());
            return Map.of();
        }
    }

    /** The terway entry of the list form, or the single form. */
    private static Map<String, Object> terway(Map<String, String> data, List<String> problems) {
        Map<String, Object> conf = object(data, data.containsKey(LIST) ? LIST : SINGLE, problems);
        if (!(conf.get("plugins") instanceof List<?> plugins)) {
            return conf;
        }
        for (Object plugin : plugins) {
            if (plugin instanceof Map<?, ?> entry && "terway".equals(entry.get("type"))) {
                Map<String, Object> terway = new LinkedHashMap<>();
                entry.forEach((key, value) -> terway.put(String.valueOf(key), value));
                return terway;
            }
        }
        problems.add((data.containsKey(LIST) ? LIST : SINGLE) + ".plugins has no entry with type terway");
        return Map.of();
    }

    /** RFC 7396: objects merge key by key, null takes a key away, everything else replaces. */
    static Map<String, Object> merged(Map<String, Object> target, Map<String, Object> patch) {
        Map<String, Object> merged = new LinkedHashMap<>(target);
        patch.forEach((key, value) -> {
            if (value == JsonText.Null.VALUE) {
                merged.remove(key);
            } else if (value instanceof Map<?, ?> inner) {
                merged.put(key, merged(asObject(merged.get(key)), asObject(inner)));
            } else {
                merged.put(key, value);
            }
        });
        return merged;
    }

    private static Map<String, Object> asObject(Object value) {
        Map<String, Object> object = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, inner) -> object.put(String.valueOf(key), inner));
        }
        return object;
    }
}
