package io.terway.policy;

import io.terway.net.Ip;
import io.terway.net.NodeName;
import java.util.List;
import java.util.Map;

/** What policy needs of a node. */
public record PolicyNode(NodeName name, Map<String, String> labels, List<Ip> addresses) {
    public PolicyNode {
        labels = Map.copyOf(labels);
        addresses = List.copyOf(addresses);
    }
}
