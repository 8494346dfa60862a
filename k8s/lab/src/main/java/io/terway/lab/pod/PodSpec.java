package io.terway.lab.pod;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Quantity;
import io.terway.lab.Refusal;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A pod as `lab pod add` describes it. */
public record PodSpec(
        PodRef ref, NodeName node, Map<String, String> labels, Map<String, String> annotations, List<Port> ports) {

    public PodSpec {
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        ports = List.copyOf(ports);
    }

    /** Annotation that gives the pod a controller, as KIND/NAME: StatefulSet pods may have fixed addresses. */
    static final String OWNER = "lab.terway.io/owner";

    /** KIND/NAME of its controller. */
    Optional<String> owner() {
        return Optional.ofNullable(annotations.get(OWNER)).filter(owner -> owner.matches("[A-Za-z]+/[a-z0-9-]+"));
    }

    /** A container port; {@code hostPort} 0 = not published on the node. */
    public record Port(String name, int number, String protocol, int hostPort) {

        private static final Pattern FORM = Pattern.compile("([a-z0-9-]{1,15})=(\\d{1,5})(?::(\\d{1,5}))?/(\\w+)");

        /** Reads {@code NAME=N/PROTO}, with {@code NAME=N:HOST/PROTO} for a host port. */
        public static Port parse(String text) {
            Matcher parts = FORM.matcher(text);
            if (!parts.matches()) {
                throw new Refusal(
                        "--port '" + text + "' is not NAME=NUMBER/PROTOCOL, such as http=80/TCP", Refusal.USAGE);
            }
            String protocol = parts.group(4).toUpperCase(Locale.ROOT);
            if (!List.of("TCP", "UDP", "SCTP").contains(protocol)) {
                throw new Refusal(
                        "--port '" + text + "': protocol " + parts.group(4) + " is not TCP, UDP or SCTP",
                        Refusal.USAGE);
            }
            int host = parts.group(3) == null ? 0 : number(text, parts.group(3));
            return new Port(parts.group(1), number(text, parts.group(2)), protocol, host);
        }

        private static int number(String text, String digits) {
            int number = Integer.parseInt(digits);
            if (number < 1 || number > 65_535) {
                throw new Refusal("--port '" + text + "': " + digits + " is not in 1..65535", Refusal.USAGE);
            }
            return number;
        }
    }

    /** Reads {@code key=value} options; the last one of a key wins, as with kubectl. */
    public static Map<String, String> pairs(String option, List<String> texts) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new Refusal(option + " '" + text + "' is not KEY=VALUE", Refusal.USAGE);
            }
            pairs.put(text.substring(0, equals), text.substring(equals + 1));
        }
        return pairs;
    }

    /** The runtime's capability arguments, which the plugins that declare them get. */
    ObjectNode capabilities() {
        ObjectNode all = new ObjectMapper().createObjectNode();
        ArrayNode mappings = all.putArray("portMappings");
        for (Port port : ports) {
            if (port.hostPort() != 0) {
                mappings.addObject()
                        .put("hostPort", port.hostPort())
                        .put("containerPort", port.number())
                        .put("protocol", port.protocol().toLowerCase(Locale.ROOT));
            }
        }
        ObjectNode bandwidth = all.objectNode();
        rate("kubernetes.io/ingress-bandwidth", "ingress", bandwidth);
        rate("kubernetes.io/egress-bandwidth", "egress", bandwidth);
        if (!bandwidth.isEmpty()) {
            all.set("bandwidth", bandwidth);
        }
        return all;
    }

    /** Bits per second as a Kubernetes quantity; the burst is what containerd passes (the largest int32). */
    private void rate(String annotation, String direction, ObjectNode bandwidth) {
        String text = annotations.get(annotation);
        if (text != null) {
            bandwidth.put(direction + "Rate", bits(annotation, text)).put(direction + "Burst", (long)
                    Integer.MAX_VALUE);
        }
    }

    private static long bits(String annotation, String text) {
        try {
            return Quantity.getAmountInBytes(Quantity.parse(text)).longValue();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("annotation " + annotation + " is '" + text
                    + "'; it must be a quantity in bits per second, such as 10M");
        }
    }
}
