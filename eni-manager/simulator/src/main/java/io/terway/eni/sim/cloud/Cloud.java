package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.EniLabels;
import io.terway.eni.sim.ecs.EniState;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.eni.sim.vpc.RouteEntry;
import io.terway.eni.sim.vpc.RouteEntryId;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.eni.sim.vpc.Vpc;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.SecurityGroupId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The whole account in one region. Time stands still until {@link #advance}. Not thread-safe.
 */
public final class Cloud {

    /** ENIs per account and region; the real figure is per account and can be raised. */
    public static final int ENI_QUOTA = 200_000;

    private final String region;
    private final long seed;
    private final boolean dataPlane;
    private final Conditions conditions;
    private final Changes changes;
    private final Agenda agenda = new Agenda();
    private final Ids ids;
    private final Past past;
    private final Network network;
    private final Enis enis;
    private final Instances instances;
    private final Groups groups;
    private final Routes routes;
    private final Addresses addresses;
    private final EniLifecycle lifecycle;
    /** ENIs that wait for the data plane, with the state to be confirmed. */
    private final Map<EniId, EniState> unconfirmed = new TreeMap<>();

    /** @param dataPlane false when nothing carries packets, so that plugging is done as soon as it is asked for */
    public Cloud(
            String region, long seed, long issuedIds, InstanceTypes types, Latencies latencies, boolean dataPlane) {
        this.region = region;
        this.seed = seed;
        this.dataPlane = dataPlane;
        this.conditions = new Conditions(latencies);
        this.changes = new Changes(dataPlane);
        this.ids = new Ids(seed, issuedIds);
        this.past = new Past(conditions);
        this.network = new Network(conditions, changes);
        this.enis = new Enis(network, changes, past);
        this.instances = new Instances(types, changes);
        this.groups = new Groups(enis, changes);
        this.routes = new Routes(network, enis, instances, conditions, agenda, changes);
        this.addresses = new Addresses(network, enis, instances, groups, conditions);
        this.lifecycle =
                new EniLifecycle(network, enis, instances, groups, addresses, conditions, agenda, ids, ENI_QUOTA);
    }

    /** The cloud of a snapshot; pending changes end when they would have, or at the next advance. */
    public static Cloud restore(CloudSnapshot from, InstanceTypes types, Latencies latencies, boolean dataPlane) {
        Cloud cloud = new Cloud(from.region(), from.seed(), from.issuedIds(), types, latencies, dataPlane);
        from.vpcs().forEach(cloud.network::add);
        from.vSwitches().forEach(cloud.network::add);
        from.groups().forEach(cloud.groups::put);
        for (Eni eni : from.enis()) {
            cloud.addresses.restore(eni);
            cloud.enis.put(eni);
            cloud.lifecycle.arm(eni);
            cloud.watch(eni);
        }
        from.instances().forEach(cloud.instances::put);
        from.routes().forEach(cloud.routes::restore);
        return cloud;
    }

    /** Ends every change that is due. Call before each operation and read. */
    public void advance(Instant now) {
        past.advance(now);
        Optional<Due> due = agenda.next(now);
        while (due.isPresent()) {
            switch (due.get()) {
                case Due.OfEni e -> {
                    lifecycle.onDue(e.id(), now);
                    enis.find(e.id()).ifPresent(this::watch);
                }
                case Due.OfRoute r -> routes.onDue(r.id(), now);
            }
            due = agenda.next(now);
        }
        if (!dataPlane) {
            confirm(Map.copyOf(unconfirmed));
        }
    }

    /** When {@link #advance} has something to do next. */
    public Optional<Instant> nextDue() {
        return agenda.earliest();
    }

    /** ENIs whose plugging or unplugging the data plane has yet to confirm, with that state. */
    public Map<EniId, EniState> unconfirmed() {
        return Map.copyOf(unconfirmed);
    }

    /** The data plane did what these states ask for; states that changed meanwhile are left alone. */
    public void confirm(Map<EniId, EniState> done) {
        done.forEach((id, state) -> {
            lifecycle.confirm(id, state);
            unconfirmed.remove(id, state);
        });
    }

    /** Adds a VPC with its system routes. */
    public void addVpc(Vpc vpc) {
        network.add(vpc);
        addSystemRoute(vpc, Cidr.parse("100.64.0.0/10"));
    }

    /** Adds a vSwitch with its system routes. */
    public void addVSwitch(VSwitch vSwitch) {
        network.add(vSwitch);
        Vpc vpc = network.vpc(vSwitch.vpc()).orElseThrow();
        addSystemRoute(vpc, vSwitch.cidr());
        vSwitch.ipv6Cidrs().forEach(block -> addSystemRoute(vpc, block));
    }

    /** Starts an instance with its primary ENI; it runs at once. */
    public Instance addInstance(Instance template, EniSpec primary, Instant now) {
        instances.types().of(template.type());
        Eni eni = lifecycle.createPrimary(primary, template.id(), now);
        Instance instance = new Instance(
                template.id(),
                template.name(),
                template.type(),
                eni.zone(),
                Instance.Status.RUNNING,
                eni.id(),
                template.role(),
                template.tokensRequired(),
                template.tags(),
                now);
        instances.put(instance);
        return instance;
    }

    /** Stops or starts an instance; its ENIs stay plugged in. */
    public void setStatus(InstanceId id, Instance.Status status) {
        instances.put(instances.get(id).withStatus(status));
    }

    /** Releases an instance for good. */
    public void release(InstanceId id) {
        instances.get(id);
        lifecycle.release(id);
        enis.on(id).forEach(e -> watch(enis.get(e)));
        instances.remove(id);
        if (!dataPlane) {
            confirm(Map.copyOf(unconfirmed));
        }
    }

    /** The ENI as a read sees it that lags behind by {@code lag}. */
    public Optional<Eni> seen(EniId id, Duration lag) {
        return past.seen(id, enis.find(id), lag);
    }

    /** Every ENI after {@code cursor} as such a read sees it, those just deleted included; ordered by id. */
    public List<Eni> seenAfter(String cursor, Duration lag) {
        return past.known(enis.all()).stream()
                .filter(id -> id.value().compareTo(cursor) > 0)
                .flatMap(id -> seen(id, lag).stream())
                .toList();
    }

    /** Replaces an ENI's groups and labels; refuses groups that do not fit. */
    public void modify(Eni eni, List<SecurityGroupId> newGroups, EniLabels labels) {
        groups.requireRoom(newGroups, eni.vpc(), eni.groupWeight(), eni.groups());
        enis.put(eni.withGroups(newGroups).withLabels(labels));
    }

    /** Replaces the tags of a resource that exists: {@code eni}, {@code instance} or {@code securitygroup}. */
    public void retag(String type, String id, Map<String, String> tags) {
        switch (type.toLowerCase(Locale.ROOT)) {
            case "eni" -> {
                Eni eni = enis.get(new EniId(id));
                enis.put(eni.withLabels(eni.labels().withTags(tags)));
            }
            case "instance" -> instances.put(instances.get(new InstanceId(id)).withTags(tags));
            case "securitygroup" ->
                groups.put(groups.get(new SecurityGroupId(id)).withTags(tags));
            default -> throw new IllegalArgumentException("resources of type " + type + " have no tags");
        }
    }

    /** Something that is kept but no packet depends on changed. */
    public void noteChange() {
        changes.note();
    }

    public CloudSnapshot snapshot() {
        return new CloudSnapshot(
                region,
                seed,
                ids.issued(),
                List.copyOf(network.vpcs()),
                List.copyOf(network.vSwitches()),
                List.copyOf(groups.all()),
                List.copyOf(instances.all()),
                List.copyOf(enis.all()),
                List.copyOf(routes.all()));
    }

    public String region() {
        return region;
    }

    public Conditions conditions() {
        return conditions;
    }

    public Changes changes() {
        return changes;
    }

    public Ids ids() {
        return ids;
    }

    public Network network() {
        return network;
    }

    public Enis enis() {
        return enis;
    }

    public Instances instances() {
        return instances;
    }

    public Groups groups() {
        return groups;
    }

    public Routes routes() {
        return routes;
    }

    public Addresses addresses() {
        return addresses;
    }

    public EniLifecycle lifecycle() {
        return lifecycle;
    }

    private void watch(Eni eni) {
        if (eni.state() instanceof EniState.Plugging || eni.state() instanceof EniState.Unplugging) {
            unconfirmed.put(eni.id(), eni.state());
        } else {
            unconfirmed.remove(eni.id());
        }
    }

    private void addSystemRoute(Vpc vpc, Cidr destination) {
        routes.restore(new RouteEntry(
                new RouteEntryId(ids.next("rte-bp1")),
                vpc.routeTable(),
                destination,
                "",
                "",
                true,
                List.of(),
                RouteEntry.Status.AVAILABLE,
                Instant.EPOCH));
    }
}
