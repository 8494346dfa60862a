package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.store.Store;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.HashSet;
import java.util.Set;

/** Gives Services their cluster addresses and node ports. What is taken is read from the stored Services each time. */
public final class ServiceAddresses {

    private static final int FIRST_NODE_PORT = 30_000;
    private static final int LAST_NODE_PORT = 32_767;

    /** The low addresses are left to Services that name one, as upstream does; the first is the API server's. */
    private static final int RESERVED = 16;

    private final Cidr range;
    private final Store store;

    public ServiceAddresses(Cidr range, Store store) {
        this.range = range;
        this.store = store;
    }

    /** The address of the API server's own Service. */
    Ip first() {
        return range.network().plus(1);
    }

    /**
     * Completes the addresses of a Service to be created, in place.
     *
     * @throws Refusal Invalid when an address or port asked for is taken, or none is free
     */
    void assign(Resource services, ObjectNode service) {
        ObjectNode spec = Json.child(service, "spec");
        String type = spec.path("type").asText("ClusterIP");
        if (type.equals("ExternalName")) {
            return;
        }
        Set<String> taken = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        store.all(Cluster.SERVICES).values().forEach(other -> {
            other.path("spec").path("clusterIPs").forEach(ip -> taken.add(ip.asText()));
            other.path("spec")
                    .path("ports")
                    .forEach(port -> ports.add(port.path("nodePort").asInt()));
        });
        address(services, service, spec, taken);
        if (type.equals("NodePort") || type.equals("LoadBalancer")) {
            for (JsonNode port : spec.path("ports")) {
                nodePort(services, service, (ObjectNode) port, ports);
            }
        }
    }

    private void address(Resource services, ObjectNode service, ObjectNode spec, Set<String> taken) {
        String asked = spec.path("clusterIP").asText("");
        if (asked.isEmpty() && spec.path("clusterIPs").isArray()) {
            asked = spec.path("clusterIPs").path(0).asText("");
        }
        if (!asked.isEmpty() && !asked.equals("None") && taken.contains(asked)) {
            throw services.invalid(
                    Meta.name(service),
                    "spec.clusterIPs",
                    "Invalid value: [\"" + asked + "\"]: failed to allocate IP " + asked
                            + ": provided IP is already allocated");
        }
        String address = asked.isEmpty() ? free(services, service, taken) : asked;
        spec.put("clusterIP", address);
        if (!spec.path("clusterIPs").isArray() || spec.path("clusterIPs").isEmpty()) {
            spec.putArray("clusterIPs").add(address);
        }
        if (!spec.has("ipFamilies")) {
            spec.putArray("ipFamilies").add(address.indexOf(':') >= 0 ? "IPv6" : "IPv4");
        }
        if (!spec.has("ipFamilyPolicy")) {
            spec.put("ipFamilyPolicy", "SingleStack");
        }
    }

    private String free(Resource services, ObjectNode service, Set<String> taken) {
        long last = range.size() - 2;
        for (long offset = Math.min(RESERVED, last); offset <= last; offset++) {
            String candidate = range.network().plus(offset).toString();
            if (!taken.contains(candidate)) {
                return candidate;
            }
        }
        throw services.invalid(
                Meta.name(service), "spec.clusterIPs", "Invalid value: no address of " + range + " is free");
    }

    private static void nodePort(Resource services, ObjectNode service, ObjectNode port, Set<Integer> taken) {
        int asked = port.path("nodePort").asInt();
        if (asked != 0 && !taken.add(asked)) {
            throw services.invalid(
                    Meta.name(service),
                    "spec.ports.nodePort",
                    "Invalid value: " + asked + ": provided port is already allocated");
        }
        for (int next = FIRST_NODE_PORT; asked == 0 && next <= LAST_NODE_PORT; next++) {
            if (taken.add(next)) {
                port.put("nodePort", next);
                return;
            }
        }
    }
}
