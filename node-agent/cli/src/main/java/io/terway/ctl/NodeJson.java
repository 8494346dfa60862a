package io.terway.ctl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.wire.agent.v1.Node;
import io.terway.wire.agent.v1.NodeAddress;
import io.terway.wire.agent.v1.NodeEni;
import java.util.Locale;

/** The node for programs. Names are those of the contract, in camel case. */
final class NodeJson {

    private static final JsonMapper MAPPER = new JsonMapper();

    private NodeJson() {}

    static String of(Node node) {
        ObjectNode root = MAPPER.createObjectNode()
                .put("node", node.getName())
                .put("instanceId", node.getInstanceId())
                .put("networkMode", node.getNetworkMode())
                .put("virtualType", node.getVirtualType());
        node.getNodeAddressesList().forEach(root.withArray("nodeAddresses")::add);
        root.putObject("pool")
                .put("total", node.getPool().getTotal())
                .put("allocated", node.getPool().getAllocated())
                .put("available", node.getPool().getAvailable())
                .put("cooling", node.getPool().getCooling())
                .put("capacity", node.getPool().getCapacity())
                .put("utilizationPercent", NodeText.utilization(node.getPool()));
        ArrayNode enis = root.putArray("enis");
        node.getEnisList().forEach(eni -> eni(eni, enis.addObject()));
        root.put("ipam", node.getIpam())
                .put("policy", node.getPolicy())
                .put("acceleration", node.getAcceleration())
                .put("quarantine", node.getQuarantine())
                .put("spooled", node.getSpooled());
        ArrayNode findings = root.putArray("findings");
        node.getFindingsList()
                .forEach(f -> findings.addObject().put("what", f.getWhat()).put("remedy", f.getRemedy()));
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    private static void eni(NodeEni eni, ObjectNode out) {
        out.put("id", eni.getEni().getId())
                .put("link", eni.getLink())
                .put("mac", eni.getEni().getMac())
                .put("vSwitch", eni.getEni().getVSwitchId())
                .put("primaryAddress", eni.getEni().getPrimaryAddress());
        eni.getEni().getSubnetsList().forEach(out.withArray("subnets")::add);
        ArrayNode addresses = out.putArray("addresses");
        for (NodeAddress address : eni.getAddressesList()) {
            ObjectNode one = addresses
                    .addObject()
                    .put("address", address.getAddress())
                    .put("state", address.getState().name().toLowerCase(Locale.ROOT));
            if (address.hasPod()) {
                one.put("namespace", address.getPod().getNamespace())
                        .put("pod", address.getPod().getName())
                        .put("uid", address.getPod().getUid());
            }
            if (address.getCoolingMs() > 0) {
                one.put("coolingMs", address.getCoolingMs());
            }
        }
    }
}
