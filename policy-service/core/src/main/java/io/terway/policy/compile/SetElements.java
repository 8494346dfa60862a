package io.terway.policy.compile;

import io.terway.net.Ip;
import io.terway.policy.Peer;
import io.terway.policy.PolicyPod;
import java.util.ArrayList;
import java.util.List;

/** What one pod contributes to a set that holds its profile. */
final class SetElements {

    private SetElements() {}

    static List<Element> of(SetKey key, PolicyPod pod) {
        List<Element> out = new ArrayList<>(2);
        switch (key) {
            case SetKey.Pods _, SetKey.Cluster _ -> pod.ips().forEach(ip -> out.add(new Element.Address(ip)));
            case SetKey.Endpoints endpoints -> {
                for (Ip ip : pod.ips()) {
                    if (!(endpoints.peer() instanceof Peer.Block block) || block.contains(ip)) {
                        pod.numbersOf(endpoints.port())
                                .forEach(number -> out.add(new Element.Endpoint(
                                        ip, endpoints.port().protocol(), number)));
                    }
                }
            }
            case SetKey.Nodes _, SetKey.Blocks _ -> {
                // no pod is in them
            }
        }
        return out;
    }
}
