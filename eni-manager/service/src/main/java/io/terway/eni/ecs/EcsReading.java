package io.terway.eni.ecs;

import com.aliyuncs.ecs.model.v20140526.CreateNetworkInterfaceResponse;
import com.aliyuncs.ecs.model.v20140526.DescribeInstanceTypesResponse;
import com.aliyuncs.ecs.model.v20140526.DescribeInstancesResponse.Instance;
import com.aliyuncs.ecs.model.v20140526.DescribeNetworkInterfacesResponse.NetworkInterfaceSet;
import com.aliyuncs.vpc.model.v20160428.DescribeVSwitchesResponse;
import io.terway.eni.Added;
import io.terway.eni.Attachment;
import io.terway.eni.ComputeInstance;
import io.terway.eni.EniStatus;
import io.terway.eni.EniType;
import io.terway.eni.InstanceLimits;
import io.terway.eni.NetworkInterface;
import io.terway.eni.VSwitch;
import io.terway.eni.VpcId;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Answers of the SDK as values of ours. Throws IllegalArgumentException on a text that is not what it should be. */
final class EcsReading {

    private EcsReading() {}

    static NetworkInterface from(NetworkInterfaceSet set) {
        Map<String, String> tags = new HashMap<>();
        set.getTags().forEach(tag -> tags.put(tag.getTagKey(), text(tag.getTagValue())));
        List<Ip> addresses = addresses(
                set.getPrivateIpSets().stream().map(NetworkInterfaceSet.PrivateIpSet::getPrivateIpAddress),
                set.getIpv6Sets().stream().map(NetworkInterfaceSet.Ipv6Set::getIpv6Address),
                set.getPrivateIpAddress());
        List<Cidr> prefixes = new ArrayList<>();
        set.getIpv4PrefixSets().forEach(prefix -> prefixes.add(Cidr.parse(prefix.getIpv4Prefix())));
        set.getIpv6PrefixSets().forEach(prefix -> prefixes.add(Cidr.parse(prefix.getIpv6Prefix())));
        return new NetworkInterface(
                new EniId(set.getNetworkInterfaceId()),
                EniType.parse(set.getType()),
                EniStatus.parse(set.getStatus()),
                Mac.parse(set.getMacAddress()),
                new VSwitchId(set.getVSwitchId()),
                new ZoneId(set.getZoneId()),
                Ip.parse(set.getPrivateIpAddress()),
                addresses,
                prefixes,
                groups(set.getSecurityGroupIds()),
                attachment(set),
                tags,
                time(set.getCreationTime()));
    }

    static NetworkInterface from(CreateNetworkInterfaceResponse made, Map<String, String> tags) {
        List<Ip> addresses = addresses(
                made.getPrivateIpSets().stream().map(CreateNetworkInterfaceResponse.PrivateIpSet::getPrivateIpAddress),
                made.getIpv6Sets().stream().map(CreateNetworkInterfaceResponse.Ipv6Set::getIpv6Address),
                made.getPrivateIpAddress());
        List<Cidr> prefixes = new ArrayList<>();
        made.getIpv4PrefixSets().forEach(prefix -> prefixes.add(Cidr.parse(prefix.getIpv4Prefix())));
        made.getIpv6PrefixSets().forEach(prefix -> prefixes.add(Cidr.parse(prefix.getIpv6Prefix())));
        return new NetworkInterface(
                new EniId(made.getNetworkInterfaceId()),
                EniType.parse(made.getType()),
                EniStatus.parse(made.getStatus()),
                Mac.parse(made.getMacAddress()),
                new VSwitchId(made.getVSwitchId()),
                new ZoneId(made.getZoneId()),
                Ip.parse(made.getPrivateIpAddress()),
                addresses,
                prefixes,
                groups(made.getSecurityGroupIds()),
                new Attachment.Detached(),
                tags,
                Instant.now());
    }

    /** For members the instance is only inside the attachment. */
    private static Attachment attachment(NetworkInterfaceSet set) {
        NetworkInterfaceSet.Attachment inner = set.getAttachment();
        String onInner = inner == null ? "" : text(inner.getInstanceId());
        String on = text(set.getInstanceId()).isEmpty() ? onInner : set.getInstanceId();
        if (on.isEmpty()) {
            return new Attachment.Detached();
        }
        String trunk = inner == null ? "" : text(inner.getTrunkNetworkInterfaceId());
        if (trunk.isEmpty()) {
            return new Attachment.OnInstance(new InstanceId(on));
        }
        int vlan = inner.getDeviceIndex() == null ? 0 : inner.getDeviceIndex();
        return new Attachment.OnTrunk(new InstanceId(on), new EniId(trunk), vlan);
    }

    static ComputeInstance from(Instance instance) {
        return new ComputeInstance(
                new InstanceId(instance.getInstanceId()),
                new InstanceType(instance.getInstanceType()),
                new ZoneId(instance.getZoneId()),
                text(instance.getRegionId()),
                new VpcId(instance.getVpcAttributes().getVpcId()),
                instance.getStatus(),
                new VSwitchId(instance.getVpcAttributes().getVSwitchId()),
                groups(instance.getSecurityGroupIds()));
    }

    static InstanceLimits from(DescribeInstanceTypesResponse.InstanceType type) {
        return new InstanceLimits(
                new InstanceType(type.getInstanceTypeId()),
                number(type.getEniQuantity()),
                number(type.getEniPrivateIpAddressQuantity()),
                number(type.getEniIpv6AddressQuantity()),
                number(type.getEniTotalQuantity()),
                Boolean.TRUE.equals(type.getEniTrunkSupported()));
    }

    static VSwitch from(DescribeVSwitchesResponse.VSwitch vSwitch) {
        List<Cidr> subnets = Stream.of(text(vSwitch.getCidrBlock()), text(vSwitch.getIpv6CidrBlock()))
                .filter(block -> !block.isEmpty())
                .map(Cidr::parse)
                .toList();
        Long available = vSwitch.getAvailableIpAddressCount();
        return new VSwitch(
                new VSwitchId(vSwitch.getVSwitchId()),
                new ZoneId(vSwitch.getZoneId()),
                new VpcId(vSwitch.getVpcId()),
                subnets,
                available == null ? 0 : available);
    }

    static Added added(List<String> addresses, List<String> prefixes) {
        return new Added(
                addresses.stream().map(Ip::parse).toList(),
                prefixes.stream().map(Cidr::parse).toList());
    }

    /** A time that cannot be read counts as now, so that nothing is taken for old. */
    private static Instant time(String text) {
        try {
            return Instant.parse(text(text));
        } catch (DateTimeParseException e) {
            return Instant.now();
        }
    }

    private static List<Ip> addresses(Stream<String> ipv4, Stream<String> ipv6, String primary) {
        return Stream.concat(ipv4, ipv6)
                .filter(address -> !address.equals(primary))
                .map(Ip::parse)
                .toList();
    }

    private static List<SecurityGroupId> groups(List<String> ids) {
        return ids.stream().map(SecurityGroupId::new).toList();
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }

    private static int number(Integer value) {
        return value == null ? 0 : value;
    }
}
