package io.terway.cni;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.nio.file.Path;
import java.util.List;

/**
 * What an ADD did.
 *
 * @param hostLink empty when the pod has no link to the host
 * @param addresses the pod's, one per family
 * @param gateways of the addresses, in their order
 * @param mtu of both links, in bytes
 */
public record CniResult(
        String hostLink,
        Mac hostMac,
        String podLink,
        Mac podMac,
        Path netns,
        List<Ip> addresses,
        List<Ip> gateways,
        int mtu) {

    public CniResult {
        addresses = List.copyOf(addresses);
        gateways = List.copyOf(gateways);
        if (gateways.size() != addresses.size()) {
            throw new IllegalArgumentException(addresses + " need a gateway each, have " + gateways);
        }
    }

    /**
     * The result object in the shape of the configuration's version. What a plugin before us made comes first, as the
     * specification wants it.
     */
    public byte[] render(NetConf conf) {
        CniVersion version = conf.version();
        ObjectNode root = conf.previous().deepCopy();
        root.put("cniVersion", version.toString());
        ArrayNode interfaces = list(root, "interfaces");
        if (!hostLink.isEmpty()) {
            link(interfaces, version, hostLink, hostMac);
        }
        int podLinkAt = interfaces.size();
        link(interfaces, version, podLink, podMac).put("sandbox", netns.toString());
        ArrayNode ips = list(root, "ips");
        ArrayNode routes = list(root, "routes");
        for (int i = 0; i < addresses.size(); i++) {
            Ip ip = addresses.get(i);
            ObjectNode entry = ips.addObject();
            if (version.compareTo(CniVersion.V1_0_0) < 0) {
                entry.put("version", ip.family() == Family.IPV4 ? "4" : "6");
            }
            entry.put("interface", podLinkAt);
            entry.put("address", ip + "/" + ip.family().bits());
            entry.put("gateway", gateways.get(i).toString());
            routes.addObject()
                    .put("dst", ip.family() == Family.IPV4 ? "0.0.0.0/0" : "::/0")
                    .put("gw", gateways.get(i).toString());
        }
        if (!conf.dns().isEmpty() || !root.path("dns").isObject()) {
            root.set("dns", conf.dns());
        }
        return Json.bytes(root);
    }

    private static ArrayNode list(ObjectNode root, String field) {
        return root.get(field) instanceof ArrayNode before ? before : root.putArray(field);
    }

    private ObjectNode link(ArrayNode interfaces, CniVersion version, String name, Mac mac) {
        ObjectNode link = interfaces.addObject().put("name", name).put("mac", mac.toString());
        if (version.compareTo(CniVersion.V1_1_0) >= 0) {
            link.put("mtu", mtu);
        }
        return link;
    }
}
