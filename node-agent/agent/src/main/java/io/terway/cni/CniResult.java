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
 * @param addresses the pod's, one per family
 * @param mtu of both links, in bytes
 */
public record CniResult(
        String hostLink, Mac hostMac, String podLink, Mac podMac, Path netns, List<Ip> addresses, int mtu) {

    private static final int POD_LINK = 1; // its place among the interfaces

    public CniResult {
        addresses = List.copyOf(addresses);
    }

    /** The result object in the shape of the configuration's version. */
    public byte[] render(NetConf conf) {
        CniVersion version = conf.version();
        ObjectNode root = Json.object();
        root.put("cniVersion", version.toString());
        ArrayNode interfaces = root.putArray("interfaces");
        link(interfaces, version, hostLink, hostMac);
        link(interfaces, version, podLink, podMac).put("sandbox", netns.toString());
        ArrayNode ips = root.putArray("ips");
        ArrayNode routes = root.putArray("routes");
        for (Ip ip : addresses) {
            ObjectNode entry = ips.addObject();
            if (version.compareTo(CniVersion.V1_0_0) < 0) {
                entry.put("version", ip.family() == Family.IPV4 ? "4" : "6");
            }
            entry.put("interface", POD_LINK);
            entry.put("address", ip + "/" + ip.family().bits());
            entry.put("gateway", gateway(ip.family()));
            routes.addObject()
                    .put("dst", ip.family() == Family.IPV4 ? "0.0.0.0/0" : "::/0")
                    .put("gw", gateway(ip.family()));
        }
        root.set("dns", conf.dns());
        return Json.bytes(root);
    }

    private ObjectNode link(ArrayNode interfaces, CniVersion version, String name, Mac mac) {
        ObjectNode link = interfaces.addObject().put("name", name).put("mac", mac.toString());
        if (version.compareTo(CniVersion.V1_1_0) >= 0) {
            link.put("mtu", mtu);
        }
        return link;
    }

    /** The link-local gateway every pod has (facts of the Go Terway's datapath). */
    private static String gateway(Family family) {
        return family == Family.IPV4 ? "169.254.1.1" : "fe80::1";
    }
}
