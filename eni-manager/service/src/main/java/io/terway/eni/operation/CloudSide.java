package io.terway.eni.operation;

import io.terway.eni.Cloud;
import io.terway.eni.CloudGroups;
import io.terway.eni.CloudRoutes;
import io.terway.eni.ClusterTags;
import io.terway.eni.config.EniManagerConfig;
import io.terway.eni.k8s.Leader;
import io.terway.eni.metrics.CloudMetrics;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.operation.GroupOperations.GroupOutcome;
import io.terway.eni.operation.RouteOperations.RouteOutcome;

/** Everything between the gRPC edge and the cloud, put together. */
public final class CloudSide implements AutoCloseable {

    private final ClusterTags tags;
    private final Inventory inventory;
    private final InventoryReader reader;
    private final VSwitches vSwitches;
    private final TermFence ipamTerms;
    private final EniOperations enis;
    private final AddressOperations addresses;
    private final RouteOperations routes;
    private final GroupOperations groups;
    private final Operations<EniOutcome> eniOperations = new Operations<>(EniOutcome::lasting);
    private final Operations<RouteOutcome> routeOperations =
            new Operations<>(outcome -> outcome instanceof RouteOutcome.Reached);
    private final Operations<GroupOutcome> groupOperations =
            new Operations<>(outcome -> outcome instanceof GroupOutcome.Reached);
    private final Operations<AddressOutcome> addressOperations =
            new Operations<>(outcome -> outcome instanceof AddressOutcome.Complete);

    /** The three parts of the cloud that we use. */
    public record Clouds(Cloud enis, CloudRoutes routes, CloudGroups groups) {}

    public CloudSide(EniManagerConfig config, Clouds clouds, Leader leader, CloudMetrics metrics) {
        Cloud cloud = clouds.enis();
        tags = new ClusterTags(config.clusterId());
        inventory = new Inventory(tags);
        vSwitches = new VSwitches(cloud, config.cache().vpcTtl());
        reader = new InventoryReader(
                cloud,
                tags,
                inventory,
                leader,
                config.watchInterval(),
                config.cache().eniTtl());
        Sightings sightings = new Sightings(cloud);
        EniLocks locks = new EniLocks();
        ipamTerms = new TermFence(config.stateDir());
        AssignJournal journal = new AssignJournal(config.stateDir());
        AssignLanes lanes =
                new AssignLanes(cloud, locks, journal, config.batch().interval());
        enis = new EniOperations(cloud, tags, inventory, vSwitches, sightings, locks, metrics);
        addresses = new AddressOperations(cloud, tags, inventory, vSwitches, sightings, locks, lanes);
        routes = new RouteOperations(clouds.routes(), tags);
        groups = new GroupOperations(clouds.groups(), tags);
    }

    public void start() {
        reader.start();
    }

    @Override
    public void close() {
        reader.close();
    }

    public ClusterTags tags() {
        return tags;
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
    public TermFence ipamTerms() {
        return ipamTerms;
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
