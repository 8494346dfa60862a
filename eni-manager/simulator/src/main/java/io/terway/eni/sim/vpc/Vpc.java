package io.terway.eni.sim.vpc;

import io.terway.net.Cidr;
import java.util.List;
import java.util.Objects;

/**
 * A virtual private cloud and its system route table.
 *
 * @param ipv6Cidrs empty when IPv6 is off, else one block
 */
public record Vpc(VpcId id, String name, Cidr cidr, List<Cidr> ipv6Cidrs, RouteTableId routeTable) {

    public Vpc {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(cidr, "cidr");
        ipv6Cidrs = List.copyOf(ipv6Cidrs);
        Objects.requireNonNull(routeTable, "routeTable");
    }
}
