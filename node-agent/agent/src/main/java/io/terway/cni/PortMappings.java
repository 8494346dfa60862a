package io.terway.cni;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.hostport.HostPort;
import io.terway.node.policy.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Reads {@code runtimeConfig.portMappings}: what a runtime says of a pod's host ports. */
final class PortMappings {

    /** A pod's containers have some ports each; thousands would be a mistake. */
    private static final int MAX_MAPPINGS = 256;

    private static final String NAME = "runtimeConfig.portMappings";

    private PortMappings() {}

    /** @throws CniFailure naming the mapping, its field and value */
    static List<HostPort> read(JsonNode mappings) {
        if (mappings.isMissingNode() || mappings.isNull()) {
            return List.of();
        }
        if (!mappings.isArray() || mappings.size() > MAX_MAPPINGS) {
            throw invalid("is no list of at most " + MAX_MAPPINGS + " port mappings");
        }
        List<HostPort> ports = new ArrayList<>();
        for (int i = 0; i < mappings.size(); i++) {
            read(mappings.get(i), i, ports);
        }
        return List.copyOf(ports);
    }

    private static void read(JsonNode mapping, int index, List<HostPort> ports) {
        int port = number(mapping, index, "hostPort");
        if (port == 0) {
            return; // a container's port that is open at no port of the node
        }
        Transport transport = transport(mapping, index);
        int podPort = number(mapping, index, "containerPort");
        for (Cidr at : at(mapping, index)) {
            try {
                add(new HostPort(transport, at, port, podPort), index, ports);
            } catch (IllegalArgumentException e) {
                throw invalid("[" + index + "]: " + e.getMessage());
            }
        }
    }

    private static void add(HostPort port, int index, List<HostPort> ports) {
        if (ports.contains(port)) {
            return;
        }
        ports.stream().filter(port::collidesWith).findFirst().ifPresent(other -> {
            throw invalid("[" + index + "]: hostPort " + port + " leads to containerPort " + port.podPort() + " and "
                    + other.podPort());
        });
        ports.add(port);
    }

    private static int number(JsonNode mapping, int index, String field) {
        JsonNode value = mapping.path(field);
        if (!value.isMissingNode() && !value.canConvertToInt()) {
            throw invalid("[" + index + "]." + field + " is " + value + ", not a port");
        }
        return value.asInt(0);
    }

    private static Transport transport(JsonNode mapping, int index) {
        String protocol = mapping.path("protocol").asText("tcp");
        try {
            return Transport.valueOf(protocol.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw invalid("[" + index + "].protocol is '" + protocol + "', not tcp, udp or sctp");
        }
    }

    /** No address means all of both families; 0.0.0.0 and :: all of theirs. */
    private static List<Cidr> at(JsonNode mapping, int index) {
        String address = mapping.path("hostIP").asText("");
        if (address.isEmpty()) {
            return List.of(everything(Family.IPV4), everything(Family.IPV6));
        }
        try {
            Ip ip = Ip.parse(address);
            Cidr everything = everything(ip.family());
            return List.of(ip.equals(everything.network()) ? everything : Cidr.single(ip));
        } catch (IllegalArgumentException e) {
            throw invalid("[" + index + "].hostIP is '" + address + "', not an address");
        }
    }

    private static Cidr everything(Family family) {
        return new Cidr(new Ip(family, 0, 0), 0);
    }

    private static CniFailure invalid(String what) {
        return new CniFailure(CniCode.INVALID_CONFIGURATION, "network configuration: " + NAME + " " + what);
    }
}
