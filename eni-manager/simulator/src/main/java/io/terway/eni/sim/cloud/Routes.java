package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.vpc.RouteEntry;
import io.terway.eni.sim.vpc.RouteEntryId;
import io.terway.eni.sim.vpc.RouteTableId;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.eni.sim.vpc.Vpc;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Route entries of all tables: system ones per vSwitch, custom ones to instances and ENIs. */
public final class Routes {

    /** Documented default quota of custom entries per table. */
    public static final int CUSTOM_PER_TABLE = 200;

    private static final Cidr SERVICES = Cidr.parse("100.64.0.0/10");

    private final Map<RouteEntryId, RouteEntry> byId = new TreeMap<>();
    private final Network network;
    private final Enis enis;
    private final Instances instances;
    private final Conditions conditions;
    private final Agenda agenda;
    private final Changes changes;

    Routes(Network network, Enis enis, Instances instances, Conditions conditions, Agenda agenda, Changes changes) {
        this.network = network;
        this.enis = enis;
        this.instances = instances;
        this.conditions = conditions;
        this.agenda = agenda;
        this.changes = changes;
    }

    public Collection<RouteEntry> all() {
        return byId.values();
    }

    public List<RouteEntry> of(RouteTableId table) {
        return byId.values().stream().filter(r -> r.table().equals(table)).toList();
    }

    public Optional<RouteEntry> find(RouteEntryId id) {
        return Optional.ofNullable(byId.get(id));
    }

    public Vpc vpcOf(RouteTableId table) {
        return network.vpcs().stream()
                .filter(v -> v.routeTable().equals(table))
                .findFirst()
                .orElseThrow(() -> ErrorCode.ROUTE_TABLE_NOT_FOUND.refuse("The route table %s does not exist.", table));
    }

    /** Puts an entry as it is, at the start of a scenario or of a restart. */
    void restore(RouteEntry entry) {
        byId.put(entry.id(), entry);
        if (entry.status() != RouteEntry.Status.AVAILABLE) {
            agenda.add(new Due.OfRoute(entry.due(), entry.id()));
        }
        changes.touchLayout();
    }

    /** Accepts a custom entry, which is pending for the route latency. */
    public RouteEntry create(
            RouteEntryId id,
            RouteTableId table,
            Cidr destination,
            String name,
            String description,
            List<RouteEntry.NextHop> hops,
            Instant now) {
        Vpc vpc = vpcOf(table);
        requireDestination(vpc, table, destination);
        hops.forEach(hop -> requireNextHop(vpc, hop));
        Instant due = conditions.routeDue(now);
        RouteEntry entry =
                new RouteEntry(id, table, destination, name, description, false, hops, RouteEntry.Status.PENDING, due);
        restore(entry);
        return entry;
    }

    /** Accepts the deletion of a custom entry, which is gone after the route latency. */
    public void delete(RouteEntryId id, Instant now) {
        RouteEntry entry =
                find(id).orElseThrow(() -> ErrorCode.ROUTE_NOT_FOUND.refuse("The route entry %s does not exist.", id));
        if (entry.system() || entry.status() != RouteEntry.Status.AVAILABLE) {
            throw ErrorCode.ROUTE_STATUS.refuse(
                    "The route entry %s is %s and cannot be deleted.",
                    id, entry.system() ? "a system entry" : entry.status().wireName());
        }
        restore(entry.withStatus(RouteEntry.Status.DELETING, conditions.routeDue(now)));
    }

    void onDue(RouteEntryId id, Instant now) {
        RouteEntry entry = byId.get(id);
        if (entry == null || entry.due().isAfter(now)) {
            return;
        }
        switch (entry.status()) {
            case PENDING -> byId.put(id, entry.withStatus(RouteEntry.Status.AVAILABLE, entry.due()));
            case DELETING -> byId.remove(id);
            case AVAILABLE -> {
                return;
            }
        }
        changes.touchLayout();
    }

    private void requireDestination(Vpc vpc, RouteTableId table, Cidr destination) {
        if (SERVICES.contains(destination)) {
            throw ErrorCode.ROUTE_CIDR.refuse(
                    "The destination %s lies in the reserved block %s.", destination, SERVICES);
        }
        for (VSwitch vSwitch : network.vSwitches()) {
            boolean own = vSwitch.vpc().equals(vpc.id());
            if (own && (vSwitch.cidr().contains(destination) || vSwitch.cidr().equals(destination))) {
                throw ErrorCode.ROUTE_CIDR.refuse(
                        "The destination %s overlaps the vSwitch %s.", destination, vSwitch.id());
            }
        }
        List<RouteEntry> existing = of(table);
        if (existing.stream().anyMatch(r -> r.destination().equals(destination))) {
            throw ErrorCode.ROUTE_DUPLICATED.refuse("A route entry for %s already exists in %s.", destination, table);
        }
        if (existing.stream().filter(r -> !r.system()).count() >= CUSTOM_PER_TABLE) {
            throw ErrorCode.ROUTE_QUOTA.refuse(
                    "The route table %s already has %d custom entries.", table, CUSTOM_PER_TABLE);
        }
    }

    private void requireNextHop(Vpc vpc, RouteEntry.NextHop hop) {
        boolean found = switch (hop.type()) {
            case "Instance" ->
                instances
                        .find(new InstanceId(hop.id()))
                        .flatMap(i -> enis.find(i.primaryEni()))
                        .map(Eni::vpc)
                        .equals(Optional.of(vpc.id()));
            case "NetworkInterface" ->
                enis.find(new EniId(hop.id())).map(Eni::vpc).equals(Optional.of(vpc.id()));
            default ->
                throw ErrorCode.INVALID_PARAMETER.refuse(
                        "The next hop type %s is not supported; use Instance or NetworkInterface.", hop.type());
        };
        if (!found) {
            throw ErrorCode.ROUTE_NEXT_HOP.refuse("The next hop %s %s does not exist.", hop.type(), hop.id());
        }
    }
}
