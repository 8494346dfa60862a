package io.terway.ctl;

import io.terway.wire.agent.v1.Node;
import io.terway.wire.agent.v1.NodeAddress;
import io.terway.wire.agent.v1.NodeEni;
import io.terway.wire.agent.v1.PoolSummary;
import io.terway.wire.net.v1.Pod;
import java.util.List;

/** The node in the guide's two forms: the box, then the list. Scripts grep both. */
final class NodeText {

    private NodeText() {}

    static String of(Node node) {
        StringBuilder out = new StringBuilder();
        box(node, out);
        out.append('\n');
        list(node, out);
        return out.toString();
    }

    private static void box(Node node, StringBuilder out) {
        PoolSummary pool = node.getPool();
        Box box = new Box();
        box.line("Node: " + node.getName());
        box.rule();
        box.line("ENI Count: " + node.getEnisCount());
        box.line("IP Pool: Total=" + pool.getTotal() + ", Allocated=" + pool.getAllocated() + ", Available="
                + pool.getAvailable());
        box.line("Utilization: " + utilization(pool) + "%");
        box.rule();
        box.line("ENI Details:");
        for (NodeEni eni : node.getEnisList()) {
            box.line("  " + title(eni) + ": Primary=" + eni.getEni().getPrimaryAddress() + ", Secondary="
                    + secondaries(eni).size() + " IPs");
        }
        box.print(out);
    }

    private static void list(Node node, StringBuilder out) {
        out.append("Node: ").append(node.getName()).append('\n');
        node.getNodeAddressesList()
                .forEach(ip -> out.append("Node IP: ").append(ip).append(" (eth0, not for pods)\n"));
        for (NodeEni eni : node.getEnisList()) {
            out.append("ENI: ").append(title(eni)).append('\n');
            out.append("  Primary IP: ").append(primary(eni)).append('\n');
            out.append("  Secondary IPs:\n");
            secondaries(eni)
                    .forEach(a -> out.append("    - ").append(described(a)).append('\n'));
        }
        PoolSummary pool = node.getPool();
        out.append("IP Pool: ").append(pool.getTotal()).append(" total, ");
        out.append(pool.getAllocated()).append(" allocated, ");
        out.append(pool.getAvailable()).append(" available");
        out.append(pool.getCooling() > 0 ? ", " + pool.getCooling() + " cooling down\n" : "\n");
        out.append("Mode: ")
                .append(node.getNetworkMode())
                .append(' ')
                .append(node.getVirtualType())
                .append('\n');
        out.append("ipam-service: ").append(node.getIpam()).append('\n');
        out.append("policy-service: ").append(node.getPolicy()).append('\n');
        if (!node.getAcceleration().isEmpty()) {
            out.append("Acceleration: ").append(node.getAcceleration()).append('\n');
        }
        if (node.getSpooled() > 0) {
            out.append("Parked DELs: ").append(node.getSpooled()).append('\n');
        }
        if (!node.getQuarantine().isEmpty()) {
            out.append("QUARANTINE: ").append(node.getQuarantine()).append('\n');
        }
    }

    /** Rounded down: 25 of 30 is 83. */
    static int utilization(PoolSummary pool) {
        return pool.getTotal() == 0 ? 0 : (int) (100L * pool.getAllocated() / pool.getTotal());
    }

    private static String title(NodeEni eni) {
        return eni.getEni().getId() + " (" + (eni.getLink().isEmpty() ? "no link yet" : eni.getLink()) + ")";
    }

    /** The ENI's own first address is a pod's as any other, and is told apart. */
    private static String primary(NodeEni eni) {
        String own = eni.getEni().getPrimaryAddress();
        return eni.getAddressesList().stream()
                .filter(a -> a.getAddress().equals(own))
                .findFirst()
                .map(NodeText::described)
                .orElse(own);
    }

    private static List<NodeAddress> secondaries(NodeEni eni) {
        String own = eni.getEni().getPrimaryAddress();
        return eni.getAddressesList().stream()
                .filter(a -> !a.getAddress().equals(own))
                .toList();
    }

    private static String described(NodeAddress address) {
        Pod pod = address.getPod();
        String state = switch (address.getState()) {
            case ALLOCATED -> "allocated to " + pod.getNamespace() + "/" + pod.getName();
            case AVAILABLE -> "available";
            case COOLING ->
                "cooling down, " + (address.getCoolingMs() + 999) / 1000 + " s left, was " + pod.getNamespace() + "/"
                        + pod.getName();
            case WITHDRAWN -> "withdrawn";
            case STATE_UNSPECIFIED, UNRECOGNIZED -> "in a state this terway-cli does not know";
        };
        return address.getAddress() + " (" + state + ")";
    }
}
