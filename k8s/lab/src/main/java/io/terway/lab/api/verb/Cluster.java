package io.terway.lab.api.verb;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.kind.Resources;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.store.ObjectKey;
import io.terway.lab.api.store.Store;
import java.time.Instant;
import java.time.InstantSource;

/**
 * What every verb works on.
 *
 * @param clock the wall clock, for timestamps only
 */
public record Cluster(Store store, Resources resources, InstantSource clock, Ids ids, ServiceAddresses addresses) {

    public static final Resource.Id PODS = new Resource.Id("", "pods");
    public static final Resource.Id NAMESPACES = new Resource.Id("", "namespaces");
    public static final Resource.Id SERVICES = new Resource.Id("", "services");
    public static final Resource.Id EVENTS = new Resource.Id("", "events");
    public static final Resource.Id SERVICE_ACCOUNTS = new Resource.Id("", "serviceaccounts");
    public static final Resource.Id DEFINITIONS = new Resource.Id("apiextensions.k8s.io", "customresourcedefinitions");

    public Instant now() {
        return clock.instant();
    }

    /**
     * The stored object, which must not be changed.
     *
     * @throws Refusal NotFound
     */
    public ObjectNode get(Resource resource, ObjectKey key) {
        return store.get(resource.id(), key).orElseThrow(() -> resource.notFound(key.name()));
    }
}
