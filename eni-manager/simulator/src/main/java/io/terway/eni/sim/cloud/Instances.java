package io.terway.eni.sim.cloud;

import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.eni.sim.ecs.TypeLimits;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.net.InstanceId;
import java.util.Collection;
import java.util.Collections;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Every instance by id, and what its type allows. */
public final class Instances {

    private final NavigableMap<InstanceId, Instance> byId = new TreeMap<>();
    private final InstanceTypes types;
    private final Changes changes;

    Instances(InstanceTypes types, Changes changes) {
        this.types = types;
        this.changes = changes;
    }

    public Collection<Instance> all() {
        return Collections.unmodifiableCollection(byId.values());
    }

    /** Ordered by id, those after {@code cursor} (exclusive); an empty cursor means all. */
    public Collection<Instance> after(String cursor) {
        return cursor.isEmpty()
                ? all()
                : byId.tailMap(new InstanceId(cursor), false).values();
    }

    public Optional<Instance> find(InstanceId id) {
        return Optional.ofNullable(byId.get(id));
    }

    public Instance get(InstanceId id) {
        return find(id).orElseThrow(() -> ErrorCode.INSTANCE_NOT_FOUND.refuse("The instance %s does not exist.", id));
    }

    public InstanceTypes types() {
        return types;
    }

    public TypeLimits limitsOf(Instance instance) {
        return types.of(instance.type());
    }

    /** Adds or replaces. */
    public void put(Instance instance) {
        types.of(instance.type());
        byId.put(instance.id(), instance);
        changes.touchLayout();
    }

    void remove(InstanceId id) {
        byId.remove(id);
        changes.touchLayout();
    }
}
