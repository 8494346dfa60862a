package io.terway.lab.cluster;

import io.terway.lab.Refusal;
import io.terway.net.NodeName;
import java.util.ArrayList;
import java.util.List;

/** A process of the lab that can be started and killed on its own. */
public sealed interface Component {

    String name();

    /** The simulated ECS and VPC, instance metadata, and the packets between ENIs. */
    record Cloud() implements Component {
        @Override
        public String name() {
            return "cloud";
        }
    }

    /** The embedded Kubernetes API. */
    record Api() implements Component {
        @Override
        public String name() {
            return "api";
        }
    }

    /**
     * A service of the product; the ports are on {@link Addresses#SERVICES}.
     *
     * @param account its service account, also the name of its Lease and in its certificate
     */
    record Service(String name, String folder, String artifact, String account, int grpcPort, int managementPort)
            implements Component {}

    /** The agent of one node. */
    record NodeAgent(NodeName node) implements Component {
        @Override
        public String name() {
            return "node-agent@" + node;
        }
    }

    List<Service> SERVICES = List.of(
            new Service("ipam-service", "ipam-service/service", "ipam-service", "terway-ipam", 7601, 9193),
            new Service("eni-manager", "eni-manager/service", "eni-manager", "terway-eni", 7602, 9194),
            new Service("policy-service", "policy-service/service", "policy-service", "terway-policy", 7603, 9195));

    /** Every component of a lab with these nodes, in the order they start. */
    static List<Component> all(List<NodeName> nodes, boolean embeddedApi) {
        List<Component> all = new ArrayList<>();
        all.add(new Cloud());
        if (embeddedApi) {
            all.add(new Api());
        }
        all.addAll(SERVICES);
        nodes.forEach(node -> all.add(new NodeAgent(node)));
        return List.copyOf(all);
    }

    /**
     * The component of this name.
     *
     * @throws Refusal naming the ones there are
     */
    static Component find(List<Component> all, String name) {
        return all.stream()
                .filter(component -> component.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new Refusal("no component '" + name + "'; there are "
                        + String.join(", ", all.stream().map(Component::name).toList())));
    }
}
