package io.terway.node.policy;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A policy's set as nft sets, one per family of the node's pods. */
final class SetText {

    private SetText() {}

    static List<NftSet> of(PolicySet set, Set<Family> families) {
        List<NftSet> out = new ArrayList<>();
        for (Family family : families) {
            out.add(
                    switch (set) {
                        case PolicySet.Addresses addresses -> addresses(addresses, family);
                        case PolicySet.Blocks blocks -> blocks(blocks, family);
                        case PolicySet.Endpoints endpoints -> endpoints(endpoints, family);
                    });
        }
        return out;
    }

    private static NftSet addresses(PolicySet.Addresses set, Family family) {
        Map<String, String> elements = new HashMap<>();
        for (Ip ip : set.addresses()) {
            if (ip.family() == family) {
                elements.put(ip.toString(), NftSet.MEMBER);
            }
        }
        return new NftSet(SetNames.set(set.id(), family), SetNames.addressType(family), false, false, elements);
    }

    private static NftSet blocks(PolicySet.Blocks set, Family family) {
        Map<String, String> elements = new HashMap<>();
        for (Cidr block : set.blocks()) {
            if (block.family() == family) {
                boolean single = block.prefixLength() == family.bits();
                elements.put(single ? block.network().toString() : block.toString(), NftSet.MEMBER);
            }
        }
        return new NftSet(SetNames.set(set.id(), family), SetNames.addressType(family), false, true, elements);
    }

    private static NftSet endpoints(PolicySet.Endpoints set, Family family) {
        Map<String, String> elements = new HashMap<>();
        for (Endpoint endpoint : set.endpoints()) {
            if (endpoint.address().family() == family) {
                elements.put(
                        endpoint.address() + " . " + endpoint.transport().number() + " . " + endpoint.port(),
                        NftSet.MEMBER);
            }
        }
        return new NftSet(
                SetNames.set(set.id(), family),
                SetNames.addressType(family) + " . inet_proto . inet_service",
                false,
                false,
                elements);
    }
}
