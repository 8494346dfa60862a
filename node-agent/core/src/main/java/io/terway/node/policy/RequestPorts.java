package io.terway.node.policy;

import java.util.List;
import java.util.stream.Stream;

/** Ports of one pod on which requests decide: those it takes connections on, and those its processes ask elsewhere. */
public record RequestPorts(List<PortSpan> ingress, List<PortSpan> egress) {

    public RequestPorts {
        ingress = List.copyOf(ingress);
        egress = List.copyOf(egress);
    }

    static RequestPorts of(Direction direction, List<PortSpan> ports) {
        return switch (direction) {
            case INGRESS -> new RequestPorts(ports, List.of());
            case EGRESS -> new RequestPorts(List.of(), ports);
        };
    }

    public List<PortSpan> in(Direction direction) {
        return switch (direction) {
            case INGRESS -> ingress;
            case EGRESS -> egress;
        };
    }

    RequestPorts and(RequestPorts other) {
        return new RequestPorts(
                Stream.concat(ingress.stream(), other.ingress.stream()).toList(),
                Stream.concat(egress.stream(), other.egress.stream()).toList());
    }
}
