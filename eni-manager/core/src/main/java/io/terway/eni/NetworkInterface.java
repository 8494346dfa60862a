package io.terway.eni;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An ENI as the cloud last showed it.
 *
 * @param addresses secondary IPv4 addresses and all IPv6 addresses, without {@code primaryAddress}
 * @param prefixes /28 and /80 blocks
 * @param created by the cloud's clock
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
        Map<String, String> tags,
        Instant created) {

    public NetworkInterface {
        addresses = List.copyOf(addresses);
        prefixes = List.copyOf(prefixes);
        groups = List.copyOf(groups);
        tags = Map.copyOf(tags);
    }

    /** Its first IPv6 address, where it has one. */
    public Optional<Ip> primaryIpv6() {
        return addresses.stream().filter(ip -> ip.family() == Family.IPV6).findFirst();
    }

    public NetworkInterface with(Added more) {
        Set<Ip> ips = new LinkedHashSet<>(addresses);
        ips.addAll(more.addresses());
        Set<Cidr> blocks = new LinkedHashSet<>(prefixes);
        blocks.addAll(more.prefixes());
        return with(List.copyOf(ips), List.copyOf(blocks), groups, tags);
    }

    public NetworkInterface without(Added gone) {
        return with(
                addresses.stream().filter(ip -> !gone.addresses().contains(ip)).toList(),
                prefixes.stream()
                        .filter(block -> !gone.prefixes().contains(block))
                        .toList(),
                groups,
                tags);
    }

    public NetworkInterface withGroups(List<SecurityGroupId> changed) {
        return with(addresses, prefixes, changed, tags);
    }

    public NetworkInterface withTags(Map<String, String> changed) {
        return with(addresses, prefixes, groups, changed);
    }

    private NetworkInterface with(
            List<Ip> ips, List<Cidr> blocks, List<SecurityGroupId> in, Map<String, String> tagged) {
        return new NetworkInterface(
                id, type, status, mac, vSwitch, zone, primaryAddress, ips, blocks, in, attachment, tagged, created);
    }
}
