package io.terway.eni.grpc;

import io.terway.eni.AddressCounts;
import io.terway.eni.ClusterTags;
import io.terway.eni.ComputeInstance;
import io.terway.eni.EniOrder;
import io.terway.eni.EniType;
import io.terway.eni.GroupChange;
import io.terway.eni.GroupRule;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.operation.AddressOperations;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.wire.eni.v1.AssignRequest;
import io.terway.wire.eni.v1.AttachEniRequest;
import io.terway.wire.eni.v1.ChangeSecurityGroupRequest;
import io.terway.wire.eni.v1.CreateEniRequest;
import io.terway.wire.eni.v1.ListSecurityGroupsRequest;
import io.terway.wire.eni.v1.UnassignRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Requests as values of ours, read field by field; a bad field is INVALID_ARGUMENT that names it. */
final class Requests {

    private static final int MAX_LISTED_GROUPS = 100;

    /** Addresses, or prefixes, that one request may add or take off: more than any ENI has. */
    private static final int MAX_ASSIGN = 50;

    private static final int MAX_RESOURCE_GROUP = 128;

    private Requests() {}

    static OperationId operation(String text) {
        return Fields.read("operation_id", text, OperationId::new);
    }

    static EniId eni(String text) {
        return Fields.read("eni_id", text, EniId::new);
    }

    static InstanceId instance(String text) {
        return Fields.read("instance_id", text, InstanceId::new);
    }

    static Cidr cidr(String text) {
        return Fields.read("cidr", text, Cidr::parse);
    }

    static List<SecurityGroupId> groups(List<String> texts) {
        List<SecurityGroupId> groups =
                Fields.readAll("security_group_ids", texts, EniOrder.MAX_GROUPS, SecurityGroupId::new);
        Set<SecurityGroupId> seen = new HashSet<>();
        groups.forEach(group -> {
            if (!seen.add(group)) {
                throw Fields.invalid("security_group_ids: '" + group + "' is named twice");
            }
        });
        return groups;
    }

    /** @param described asks for the instance; only used where the request leaves something to it */
    static EniOrder order(CreateEniRequest request, ClusterTags tags, Supplier<ComputeInstance> described) {
        OperationId id = operation(request.getOperationId());
        InstanceId instance = instance(request.getInstanceId());
        List<VSwitchId> vSwitches =
                Fields.readAll("v_switch_ids", request.getVSwitchIdsList(), EniOrder.MAX_V_SWITCHES, VSwitchId::new);
        List<SecurityGroupId> groups = groups(request.getSecurityGroupIdsList());
        AddressCounts counts = counts(request);
        EniType type = request.getType().isEmpty()
                ? EniType.SECONDARY
                : Fields.read("type", request.getType(), EniType::parse);
        Seat seat = request.getTrunkEniId().isEmpty()
                ? new Seat.OnInstance(instance)
                : new Seat.OnTrunk(instance, Fields.read("trunk_eni_id", request.getTrunkEniId(), EniId::new));
        checkTags(request, id, tags);
        if (request.getResourceGroupId().length() > MAX_RESOURCE_GROUP) {
            throw Fields.invalid(
                    "resource_group_id: " + request.getResourceGroupId().length() + " characters, at most "
                            + MAX_RESOURCE_GROUP + " are allowed");
        }
        checkSeat(type, seat);
        boolean asks = vSwitches.isEmpty() || groups.isEmpty();
        ComputeInstance home = asks ? described.get() : null;
        return new EniOrder(
                id,
                seat,
                vSwitches.isEmpty() ? List.of(home.vSwitch()) : vSwitches,
                groups.isEmpty() ? home.groups() : groups,
                counts,
                request.getTagsMap(),
                request.getResourceGroupId(),
                type);
    }

    private static void checkSeat(EniType type, Seat seat) {
        boolean fits = type == EniType.MEMBER ? seat instanceof Seat.OnTrunk : seat instanceof Seat.OnInstance;
        if (type == EniType.PRIMARY || !fits) {
            throw Fields.invalid("type: '" + type.text() + "' "
                    + (type == EniType.PRIMARY
                            ? "comes with an instance and is not created"
                            : type == EniType.MEMBER ? "needs trunk_eni_id" : "has no trunk_eni_id"));
        }
    }

    private static AddressCounts counts(CreateEniRequest request) {
        int ipv4 = Fields.count("ipv4_count", request.getIpv4Count(), AddressCounts.MAX_IPV4);
        int ipv6 = Fields.count("ipv6_count", request.getIpv6Count(), AddressCounts.MAX_IPV6);
        int blocks4 = Fields.count("ipv4_prefix_count", request.getIpv4PrefixCount(), AddressCounts.MAX_PREFIXES);
        int blocks6 = Fields.count("ipv6_prefix_count", request.getIpv6PrefixCount(), AddressCounts.MAX_PREFIXES);
        return Fields.read("ipv4_prefix_count", "", _ -> new AddressCounts(ipv4, ipv6, blocks4, blocks6));
    }

    private static void checkTags(CreateEniRequest request, OperationId id, ClusterTags tags) {
        Fields.read("tags", "", _ -> tags.forOperation(id, request.getTagsMap()));
        request.getTagsMap().forEach((key, value) -> {
            boolean reserved = key.startsWith("aliyun")
                    || key.startsWith("acs:")
                    || key.contains("http://")
                    || key.contains("https://")
                    || value.contains("http://")
                    || value.contains("https://");
            if (key.isEmpty() || key.length() > 128 || value.length() > 128 || reserved) {
                throw Fields.invalid(
                        "tags: '" + key + "'='" + value + "' is not a tag the cloud takes: a key of 1 to"
                                + " 128 characters and a value of at most 128, without http:// and not beginning with aliyun or acs:");
            }
        });
    }

    static AddressOperations.Assign assign(AssignRequest request) {
        int ipv4 = Fields.count("ipv4_count", request.getIpv4Count(), AddressCounts.MAX_IPV4);
        int ipv6 = Fields.count("ipv6_count", request.getIpv6Count(), MAX_ASSIGN);
        int blocks4 = Fields.count("ipv4_prefix_count", request.getIpv4PrefixCount(), AddressCounts.MAX_PREFIXES);
        int blocks6 = Fields.count("ipv6_prefix_count", request.getIpv6PrefixCount(), AddressCounts.MAX_PREFIXES);
        List<Ip> named = Fields.readAll("addresses", request.getAddressesList(), MAX_ASSIGN, Ip::parse);
        Set<Ip> seen = new HashSet<>();
        named.forEach(ip -> {
            if (!seen.add(ip)) {
                throw Fields.invalid("addresses: '" + ip + "' is named twice");
            }
        });
        return new AddressOperations.Assign(
                operation(request.getOperationId()),
                eni(request.getEniId()),
                new AddressOperations.Counts(ipv4, ipv6, blocks4, blocks6),
                named);
    }

    static AddressOperations.Unassign unassign(UnassignRequest request) {
        List<Cidr> prefixes = Fields.readAll("prefixes", request.getPrefixesList(), MAX_ASSIGN, Cidr::parse);
        return new AddressOperations.Unassign(
                eni(request.getEniId()),
                Fields.readAll("addresses", request.getAddressesList(), MAX_ASSIGN, Ip::parse),
                prefixes);
    }

    static List<GroupRule> toAdd(ChangeSecurityGroupRequest request) {
        if (request.getAddCount() > GroupChange.MAX_RULES) {
            throw Fields.invalid(
                    "add: " + request.getAddCount() + " rules, at most " + GroupChange.MAX_RULES + " are allowed");
        }
        return GroupWire.rules(request.getAddList());
    }

    static List<String> toRemove(ChangeSecurityGroupRequest request) {
        return Fields.readAll("remove", request.getRemoveList(), GroupChange.MAX_RULES, text -> {
            if (!text.matches("[!-~]{1,128}")) {
                throw new IllegalArgumentException("'" + text + "' is not a rule's id");
            }
            return text;
        });
    }

    /** Where an ENI is to be attached. */
    static Seat seat(AttachEniRequest request) {
        InstanceId instance = instance(request.getInstanceId());
        return request.getTrunkEniId().isEmpty()
                ? new Seat.OnInstance(instance)
                : new Seat.OnTrunk(instance, Fields.read("trunk_eni_id", request.getTrunkEniId(), EniId::new));
    }

    /** The groups an ENI is to be in from now on. */
    static List<SecurityGroupId> someGroups(List<String> ids) {
        List<SecurityGroupId> groups = groups(ids);
        if (groups.isEmpty()) {
            throw Fields.invalid("security_group_ids: an ENI is in 1 to " + EniOrder.MAX_GROUPS + " groups, not 0");
        }
        return groups;
    }

    static List<SecurityGroupId> groupIds(ListSecurityGroupsRequest request) {
        List<SecurityGroupId> ids =
                Fields.readAll("ids", request.getIdsList(), MAX_LISTED_GROUPS, SecurityGroupId::new);
        if (ids.isEmpty()) {
            throw Fields.invalid("ids: name 1 to " + MAX_LISTED_GROUPS + " security groups, not 0");
        }
        return ids;
    }
}
