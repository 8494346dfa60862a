package io.terway.lab.api.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;

/** One change of one object, as the history keeps it and watchers get it. */
public sealed interface Change {

    Resource.Id id();

    /** The resourceVersion the change made. */
    long version();

    /** The object after the change; for a removal the last state with the removal's version. */
    ObjectNode object();

    record Added(Resource.Id id, long version, ObjectNode object) implements Change {}

    record Modified(Resource.Id id, long version, ObjectNode object, ObjectNode before) implements Change {}

    record Removed(Resource.Id id, long version, ObjectNode object) implements Change {}
}
