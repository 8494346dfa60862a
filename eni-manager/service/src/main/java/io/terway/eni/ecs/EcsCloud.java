package io.terway.eni.ecs;

import com.aliyuncs.ecs.model.v20140526.AssignIpv6AddressesRequest;
import com.aliyuncs.ecs.model.v20140526.AssignPrivateIpAddressesRequest;
import com.aliyuncs.ecs.model.v20140526.AttachNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.CreateNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.DeleteNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeInstanceTypesRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeInstancesRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeNetworkInterfacesRequest;
import com.aliyuncs.ecs.model.v20140526.DetachNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.ModifyNetworkInterfaceAttributeRequest;
import com.aliyuncs.ecs.model.v20140526.TagResourcesRequest;
import com.aliyuncs.ecs.model.v20140526.UnassignIpv6AddressesRequest;
import com.aliyuncs.ecs.model.v20140526.UnassignPrivateIpAddressesRequest;
import com.aliyuncs.ecs.model.v20140526.UntagResourcesRequest;
import io.terway.eni.Added;
import io.terway.eni.AddressCounts;
import io.terway.eni.AssignCall;
import io.terway.eni.Cloud;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.ComputeInstance;
import io.terway.eni.CreateCall;
import io.terway.eni.EniPage;
import io.terway.eni.EniQuery;
import io.terway.eni.EniType;
import io.terway.eni.InstanceLimits;
import io.terway.eni.NetworkInterface;
import io.terway.eni.Seat;
import io.terway.eni.UnassignCall;
import io.terway.eni.VSwitch;
import io.terway.eni.VpcId;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/**
 * The real cloud. One request object per call, as the SDK's accumulate what is set on them; no retry.
 * Any thread.
 */
public final class EcsCloud implements Cloud {

    private static final Optional<Duration> MUTATING = Optional.of(EcsClient.MUTATION);
    private static final Optional<Duration> READING = Optional.empty();

    private final EcsClient client;

    public EcsCloud(EcsClient client) {
        this.client = client;
    }

    @Override
    public CloudResult<NetworkInterface> create(CreateCall call) {
        CreateNetworkInterfaceRequest request = new CreateNetworkInterfaceRequest();
        request.setVSwitchId(call.vSwitch().value());
        request.setSecurityGroupIdss(texts(call.groups()));
        request.setInstanceType(call.type() == EniType.TRUNK ? "Trunk" : "Secondary");
        request.setClientToken(call.clientToken());
        // The API refuses a count of 0.
        AddressCounts counts = call.counts();
        // Without more addresses than its own it may become one pod's, which keeps it beyond its instance.
        request.setDeleteOnRelease(counts.ipv4() > 0 || counts.ipv4Prefixes() > 0 || counts.ipv6Prefixes() > 0);
        unlessZero(counts.ipv4(), request::setSecondaryPrivateIpAddressCount);
        unlessZero(counts.ipv6(), request::setIpv6AddressCount);
        unlessZero(counts.ipv4Prefixes(), request::setIpv4PrefixCount);
        unlessZero(counts.ipv6Prefixes(), request::setIpv6PrefixCount);
        if (!call.resourceGroup().isEmpty()) {
            request.setResourceGroupId(call.resourceGroup());
        }
        List<CreateNetworkInterfaceRequest.Tag> tags = new ArrayList<>();
        call.tags().forEach((key, value) -> {
            CreateNetworkInterfaceRequest.Tag tag = new CreateNetworkInterfaceRequest.Tag();
            tag.setKey(key);
            tag.setValue(value);
            tags.add(tag);
        });
        request.setTags(tags);
        return client.send(request, MUTATING, made -> EcsReading.from(made, call.tags()));
    }

    private static void unlessZero(int count, IntConsumer set) {
        if (count > 0) {
            set.accept(count);
        }
    }

    @Override
    public CloudResult<Done> attach(EniId eni, Seat seat) {
        AttachNetworkInterfaceRequest request = new AttachNetworkInterfaceRequest();
        request.setNetworkInterfaceId(eni.value());
        request.setInstanceId(seat.instance().value());
        if (seat instanceof Seat.OnTrunk(InstanceId _, EniId trunk)) {
            request.setTrunkNetworkInstanceId(trunk.value());
        }
        return client.send(request, MUTATING, _ -> Done.DONE);
    }

    @Override
    public CloudResult<Done> detach(EniId eni, Seat seat) {
        DetachNetworkInterfaceRequest request = new DetachNetworkInterfaceRequest();
        request.setNetworkInterfaceId(eni.value());
        request.setInstanceId(seat.instance().value());
        if (seat instanceof Seat.OnTrunk(InstanceId _, EniId trunk)) {
            request.setTrunkNetworkInstanceId(trunk.value());
        }
        return client.send(request, MUTATING, _ -> Done.DONE);
    }

    @Override
    public CloudResult<Done> delete(EniId eni) {
        DeleteNetworkInterfaceRequest request = new DeleteNetworkInterfaceRequest();
        request.setNetworkInterfaceId(eni.value());
        return client.send(request, MUTATING, _ -> Done.DONE);
    }

    @Override
    public CloudResult<Added> assign(AssignCall call) {
        return switch (call.family()) {
            case IPV4 -> assignIpv4(call);
            case IPV6 -> assignIpv6(call);
        };
    }

    private CloudResult<Added> assignIpv4(AssignCall call) {
        AssignPrivateIpAddressesRequest request = new AssignPrivateIpAddressesRequest();
        request.setNetworkInterfaceId(call.eni().value());
        request.setClientToken(call.clientToken());
        switch (call.what()) {
            case AssignCall.What.Addresses(int count) -> request.setSecondaryPrivateIpAddressCount(count);
            case AssignCall.What.Named(List<Ip> ips) -> request.setPrivateIpAddresss(texts(ips));
            case AssignCall.What.Prefixes(int count) -> request.setIpv4PrefixCount(count);
        }
        return client.send(request, MUTATING, made -> {
            var set = made.getAssignedPrivateIpAddressesSet();
            return EcsReading.added(set.getPrivateIpSet(), set.getIpv4PrefixSet());
        });
    }

    private CloudResult<Added> assignIpv6(AssignCall call) {
        AssignIpv6AddressesRequest request = new AssignIpv6AddressesRequest();
        request.setNetworkInterfaceId(call.eni().value());
        request.setClientToken(call.clientToken());
        switch (call.what()) {
            case AssignCall.What.Addresses(int count) -> request.setIpv6AddressCount(count);
            case AssignCall.What.Named(List<Ip> ips) -> request.setIpv6Addresss(texts(ips));
            case AssignCall.What.Prefixes(int count) -> request.setIpv6PrefixCount(count);
        }
        return client.send(request, MUTATING, made -> EcsReading.added(made.getIpv6Sets(), made.getIpv6PrefixSets()));
    }

    @Override
    public CloudResult<Done> unassign(UnassignCall call) {
        if (call.family() == Family.IPV6) {
            UnassignIpv6AddressesRequest request = new UnassignIpv6AddressesRequest();
            request.setNetworkInterfaceId(call.eni().value());
            request.setIpv6Addresss(texts(call.addresses()));
            request.setIpv6Prefixs(texts(call.prefixes()));
            return client.send(request, MUTATING, _ -> Done.DONE);
        }
        UnassignPrivateIpAddressesRequest request = new UnassignPrivateIpAddressesRequest();
        request.setNetworkInterfaceId(call.eni().value());
        request.setPrivateIpAddresss(texts(call.addresses()));
        request.setIpv4Prefixs(texts(call.prefixes()));
        return client.send(request, MUTATING, _ -> Done.DONE);
    }

    @Override
    public CloudResult<Done> setSecurityGroups(EniId eni, List<SecurityGroupId> groups) {
        ModifyNetworkInterfaceAttributeRequest request = new ModifyNetworkInterfaceAttributeRequest();
        request.setNetworkInterfaceId(eni.value());
        request.setSecurityGroupIds(texts(groups));
        return client.send(request, MUTATING, _ -> Done.DONE);
    }

    @Override
    public CloudResult<Done> tag(EniId eni, Map<String, String> tags) {
        TagResourcesRequest request = new TagResourcesRequest();
        request.setResourceType("eni");
        request.setResourceIds(List.of(eni.value()));
        List<TagResourcesRequest.Tag> list = new ArrayList<>();
        tags.forEach((key, value) -> {
            TagResourcesRequest.Tag tag = new TagResourcesRequest.Tag();
            tag.setKey(key);
            tag.setValue(value);
            list.add(tag);
        });
        request.setTags(list);
        return client.send(request, MUTATING, _ -> Done.DONE);
    }

    @Override
    public CloudResult<Done> untag(EniId eni, List<String> keys) {
        UntagResourcesRequest request = new UntagResourcesRequest();
        request.setResourceType("eni");
        request.setResourceIds(List.of(eni.value()));
        request.setTagKeys(keys);
        return client.send(request, MUTATING, _ -> Done.DONE);
    }

    @Override
    public CloudResult<EniPage> interfaces(EniQuery query) {
        DescribeNetworkInterfacesRequest request = new DescribeNetworkInterfacesRequest();
        request.setMaxResults(EniQuery.PAGE_SIZE);
        switch (query) {
            case EniQuery.ByIds(List<EniId> ids) -> request.setNetworkInterfaceIds(texts(ids));
            case EniQuery.OnInstance(InstanceId instance) -> request.setInstanceId(instance.value());
            case EniQuery.Tagged(String key, String value, String nextToken) -> {
                DescribeNetworkInterfacesRequest.Tag tag = new DescribeNetworkInterfacesRequest.Tag();
                tag.setKey(key);
                tag.setValue(value);
                request.setTags(List.of(tag));
                if (!nextToken.isEmpty()) {
                    request.setNextToken(nextToken);
                }
            }
        }
        return client.send(
                request,
                READING,
                page -> new EniPage(
                        page.getNetworkInterfaceSets().stream()
                                .map(EcsReading::from)
                                .toList(),
                        page.getNextToken() == null ? "" : page.getNextToken()));
    }

    @Override
    public CloudResult<List<ComputeInstance>> instances(List<InstanceId> ids) {
        DescribeInstancesRequest request = new DescribeInstancesRequest();
        // An empty list would be a filter that nothing passes; ids hold no character that JSON escapes.
        request.setInstanceIds(
                ids.stream().map(id -> '"' + id.value() + '"').collect(Collectors.joining(",", "[", "]")));
        request.setMaxResults(100);
        return client.send(
                request,
                READING,
                page -> page.getInstances().stream().map(EcsReading::from).toList());
    }

    @Override
    public CloudResult<List<InstanceLimits>> instanceTypes(List<InstanceType> types) {
        DescribeInstanceTypesRequest request = new DescribeInstanceTypesRequest();
        request.setInstanceTypess(texts(types));
        return client.send(
                request,
                READING,
                page -> page.getInstanceTypes().stream().map(EcsReading::from).toList());
    }

    @Override
    public CloudResult<List<VSwitch>> vSwitches(VpcId vpc) {
        return EcsVSwitches.of(client, vpc);
    }

    @Override
    public CloudResult<List<VSwitch>> vSwitch(VSwitchId id) {
        return EcsVSwitches.named(client, id);
    }

    private static List<String> texts(List<?> values) {
        return values.stream().map(Object::toString).toList();
    }
}
