package io.terway.eni.operation;

import io.terway.eni.Cloud;
import io.terway.eni.CloudGroups;
import io.terway.eni.CloudRoutes;
import io.terway.eni.ClusterTags;
import io.terway.eni.Tuning;
import io.terway.eni.k8s.Leader;
import io.terway.eni.metrics.CloudMetrics;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.operation.GroupOperations.GroupOutcome;
import io.terway.eni.operation.RouteOperations.RouteOutcome;
import io.terway.eni.state.Journal;
import io.terway.eni.state.StateStore;
import io.terway.eni.time.Time;
import io.terway.eni.time.Turns;
import io.terway.net.EniId;
import java.util.function.Supplier;

/** Everything between the gRPC edge and the cloud, put together. */
public final class CloudSide implements AutoCloseable {

    private final Ownership ownership;
    private final Inventory inventory;
    private final InventoryReader reader;
    private final KeptEnis keptEnis;
    private final VSwitches vSwitches;
    private final Journal journal;
    private final EniOperations enis;
    private final AddressOperations addresses;
    private final RouteOperations routes;
    private final GroupOperations groups;
    private final Operations<EniOutcome> eniOperations;
    private final Operations<AddressOutcome> addressOperations;
    private final Operations<RouteOutcome> routeOperations;
    private final Operations<GroupOutcome> groupOperations;

    /** The three parts of the cloud that we use. */
    public record Clouds(Cloud enis, CloudRoutes routes, CloudGroups groups) {}

    /** What the cloud side stands on beside the cloud. */
    public record Ground(
            ClusterTags tags,
            Supplier<Tuning> tuning,
            StateStore state,
            Leader leader,
            CloudMetrics metrics,
            Time time) {}

    public CloudSide(Clouds clouds, Ground ground) {
        Cloud cloud = clouds.enis();
        Time time = ground.time();
        ClusterTags tags = ground.tags();
        ownership = new Ownership(tags, ground.tuning());
        inventory = new Inventory(tags, time);
        vSwitches = new VSwitches(cloud, ground.tuning(), time);
        journal = new Journal(ground.state(), ground.leader()::term, time);
        Sightings sightings = new Sightings(cloud, time);
        Turns<EniId> turns = new Turns<>(time);
        AssignLanes lanes = new AssignLanes(cloud, turns, journal, ground.tuning(), time);
        enis = new EniOperations(cloud, ownership, inventory, vSwitches, sightings, turns, ground.metrics(), time);
        addresses = new AddressOperations(cloud, ownership, inventory, vSwitches, sightings, turns, lanes);
        routes = new RouteOperations(clouds.routes(), tags, time);
        groups = new GroupOperations(clouds.groups(), tags, time);
        eniOperations = new Operations<>(time, EniOutcome::lasting);
        addressOperations = new Operations<>(time, outcome -> outcome instanceof AddressOutcome.Complete);
        routeOperations = new Operations<>(time, outcome -> outcome instanceof RouteOutcome.Reached);
        groupOperations = new Operations<>(time, outcome -> outcome instanceof GroupOutcome.Reached);
        LeakCollection leaks = new LeakCollection(ownership, enis, eniOperations, ground.tuning(), time);
        keptEnis = new KeptEnis(ownership);
        reader = new InventoryReader(
                cloud, tags, inventory, ground.leader(), ground.tuning(), time, leaks.andThen(keptEnis));
    }

    public void start() {
        reader.start();
    }

    /** ENIs that are kept for pods and are on no machine. */
    public KeptEnis keptEnis() {
        return keptEnis;
    }

    @Override
    public void close() {
        reader.close();
    }

    public ClusterTags tags() {
        return ownership.tags();
    }

    public Ownership ownership() {
        return ownership;
    }

    public Inventory inventory() {
        return inventory;
    }

    public InventoryReader reader() {
        return reader;
    }

    public VSwitches vSwitches() {
        return vSwitches;
    }

    /** Refuses what leaders of ipam-service send after their term. */
    public Journal journal() {
        return journal;
    }

    public EniOperations enis() {
        return enis;
    }

    public AddressOperations addresses() {
        return addresses;
    }

    public RouteOperations routes() {
        return routes;
    }

    public GroupOperations groups() {
        return groups;
    }

    public Operations<RouteOutcome> routeOperations() {
        return routeOperations;
    }

    public Operations<GroupOutcome> groupOperations() {
        return groupOperations;
    }

    public Operations<EniOutcome> eniOperations() {
        return eniOperations;
    }

    public Operations<AddressOutcome> addressOperations() {
        return addressOperations;
    }

    /** Mutations under way. */
    public int running() {
        return eniOperations.running()
                + addressOperations.running()
                + routeOperations.running()
                + groupOperations.running();
    }
}
