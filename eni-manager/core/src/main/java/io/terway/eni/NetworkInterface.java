package io.terway.eni;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.List;
import java.util.Map;

/**
 * An ENI as the cloud last showed it.
 *
 * @param addresses secondary IPv4 addresses and all IPv6 addresses, without {@code primaryAddress}
 * @param prefixes /28 and /80 blocks
 */
public record NetworkInterface(
        EniId id,
        EniType type,
        EniStatus status,
        Mac mac,
        VSwitchId vSwitch,
        ZoneId zone,
        Ip primaryAddress,
        List<Ip> addresses,
        List<Cidr> prefixes,
        List<SecurityGroupId> groups,
        Attachment attachment,
        Map<String, String> tags) {

    public NetworkInterface {
        addresses = List.copyOf(addresses);
        prefixes = List.copyOf(prefixes);
        groups = List.copyOf(groups);
        tags = Map.copyOf(tags);
    }

    public NetworkInterface withAddresses(List<Ip> changed) {
        return new NetworkInterface(
                id, type, status, mac, vSwitch, zone, primaryAddress, changed, prefixes, groups, attachment, tags);
    }
}
