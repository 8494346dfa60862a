package io.terway.link;

import io.grpc.Context;
import io.terway.net.NodeName;
import java.util.Objects;

/** Who makes a gRPC call, as its token proves. Handlers read it from {@link #current}. */
public sealed interface Caller {

    /** Where the interceptor leaves the caller of the call under way. */
    Context.Key<Caller> KEY = Context.keyWithDefault("terway-caller", new Unverified());

    /** A node agent, on the node its token is bound to. */
    record NodeAgent(NodeName node) implements Caller {

        public NodeAgent {
            Objects.requireNonNull(node, "node");
        }
    }

    /** One of the services, by the name of its service account. */
    record Service(String account) implements Caller {

        public Service {
            Objects.requireNonNull(account, "account");
        }
    }

    /** Callers are not verified here (terway.callers.verify=false): anybody, for every node. */
    record Unverified() implements Caller {}

    /** The caller of the call under way; of the thread's gRPC context. */
    static Caller current() {
        return KEY.get();
    }

    /** True when this caller may speak for the node. */
    default boolean speaksFor(NodeName node) {
        return switch (this) {
            case NodeAgent agent -> agent.node().equals(node);
            case Service _ -> false;
            case Unverified _ -> true;
        };
    }
}
