package io.terway.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.net.Ip;
import io.terway.node.hostport.HostPort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The network configuration a runtime passes on stdin.
 *
 * @param name of the network
 * @param dns the {@code dns} object to be passed on; empty when absent
 * @param previous {@code prevResult}; empty object when absent
 * @param runtime the {@code runtimeConfig} object; empty when absent
 * @param valid container id and interface of {@code cni.dev/valid-attachments} (GC)
 * @param attachmentsSaid false when that list is not there
 * @param labels key and value of {@code args.cni.labels}: what the configuration says in place of CNI_ARGS
 */
public record NetConf(
        CniVersion version,
        String name,
        ObjectNode dns,
        ObjectNode previous,
        ObjectNode runtime,
        List<Attachment> valid,
        boolean attachmentsSaid,
        Map<String, String> labels) {

    /** An attachment the runtime still knows. */
    public record Attachment(String containerId, String ifName) {}

    private static final String VALID = "cni.dev/valid-attachments";

    /** What the first library with GC called it, against the specification. */
    private static final String VALID_OF_LIBCNI_1_2 = "cni.dev/attachments";

    private static final int MAX_ATTACHMENTS = 10_000;
    private static final int MAX_LABELS = 100;

    public NetConf {
        valid = List.copyOf(valid);
        labels = Map.copyOf(labels);
    }

    /** @throws CniFailure naming the field and its value */
    static NetConf parse(byte[] stdin) {
        ObjectNode root = Json.object(stdin);
        CniVersion version = CniVersion.parse(text(root, "cniVersion", "0.1.0"));
        String name = text(root, "name", "");
        if (!name.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,252}")) {
            throw invalid("name '" + name + "' is not 1 to 253 letters, digits, '_', '.' or '-'");
        }
        return new NetConf(
                version,
                name,
                child(root, "dns"),
                child(root, "prevResult"),
                child(root, "runtimeConfig"),
                attachments(said(root)),
                !said(root).isMissingNode(),
                labels(root));
    }

    /** The version a configuration asks for, as far as it can be read: for errors about the rest of it. */
    public static CniVersion versionOf(byte[] stdin) {
        try {
            return CniVersion.parse(text(Json.object(stdin), "cniVersion", ""));
        } catch (CniFailure unreadable) {
            return CniVersion.V1_0_0;
        }
    }

    /** Addresses {@code prevResult} names; unreadable ones are left out. */
    public List<Ip> previousAddresses() {
        List<Ip> addresses = new ArrayList<>();
        for (JsonNode ip : previous.path("ips")) {
            String address = ip.path("address").asText();
            int slash = address.indexOf('/');
            try {
                addresses.add(Ip.parse(slash < 0 ? address : address.substring(0, slash)));
            } catch (IllegalArgumentException unreadable) {
                continue; // another plugin's, or damaged: it names nothing of ours
            }
        }
        return addresses;
    }

    /**
     * The ports of the node that shall lead to the pod.
     *
     * @throws CniFailure naming what in {@code portMappings} cannot be read
     */
    public List<HostPort> hostPorts() {
        return PortMappings.read(runtime.path("portMappings"));
    }

    /**
     * Checks that an ADD can add to what plugins before us made.
     *
     * @throws CniFailure when there is an interface of this name in the sandbox, or no list where one must be
     */
    void requireRoomFor(String ifName) {
        for (String field : List.of("interfaces", "ips", "routes")) {
            if (previous.hasNonNull(field) && !previous.path(field).isArray()) {
                throw invalid("prevResult." + field + " is not a list");
            }
        }
        for (JsonNode link : previous.path("interfaces")) {
            boolean inside = !link.path("sandbox").asText("").isEmpty();
            if (inside && link.path("name").asText("").equals(ifName)) {
                throw invalid("a plugin before terway has made " + ifName + "; only one of them can, and terway is"
                        + " made to be the first of a chain");
            }
        }
    }

    public boolean hasPrevious() {
        return !previous.isEmpty();
    }

    private static String text(ObjectNode root, String field, String otherwise) {
        JsonNode node = root.get(field);
        if (node == null) {
            return otherwise;
        }
        if (!node.isTextual()) {
            throw invalid(field + " is not a string: " + node);
        }
        return node.textValue();
    }

    private static ObjectNode child(ObjectNode root, String field) {
        JsonNode node = root.get(field);
        if (node == null || node.isNull()) {
            return Json.object();
        }
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw invalid(field + " is not an object");
    }

    /**
     * Checks that a runtime which collects says what it has: a list that is not there is no list of nothing, and would cost
     * every pod its address.
     */
    void requireAttachments() {
        if (!attachmentsSaid) {
            throw invalid("GC needs " + VALID + ", the list of attachments that stay");
        }
    }

    private static JsonNode said(ObjectNode root) {
        return root.path(root.has(VALID) ? VALID : VALID_OF_LIBCNI_1_2);
    }

    private static List<Attachment> attachments(JsonNode said) {
        if (!said.isMissingNode() && !said.isNull() && !said.isArray()) { // null: a runtime in Go has none
            throw invalid(VALID + " is not a list");
        }
        List<Attachment> valid = new ArrayList<>();
        for (JsonNode node : said) {
            if (valid.size() == MAX_ATTACHMENTS) {
                throw invalid(VALID + " has more than " + MAX_ATTACHMENTS + " entries");
            }
            if (!node.path("containerID").isTextual() || !node.path("ifname").isTextual()) {
                throw invalid(VALID + " has an entry without containerID and ifname: " + node);
            }
            valid.add(new Attachment(
                    node.path("containerID").textValue(), node.path("ifname").textValue()));
        }
        return valid;
    }

    /** By the conventions of CNI; what is no pair of texts is meant for other plugins. */
    private static Map<String, String> labels(ObjectNode root) {
        Map<String, String> labels = new HashMap<>();
        for (JsonNode label : root.path("args").path("cni").path("labels")) {
            if (label.path("key").isTextual() && label.path("value").isTextual() && labels.size() < MAX_LABELS) {
                labels.put(label.path("key").textValue(), label.path("value").textValue());
            }
        }
        return labels;
    }

    private static CniFailure invalid(String what) {
        return new CniFailure(CniCode.INVALID_CONFIGURATION, "network configuration: " + what);
    }
}
