package io.terway.eni.ecs;

import io.terway.eni.Action;
import io.terway.eni.Added;
import io.terway.eni.AssignCall;
import io.terway.eni.Cloud;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.ComputeInstance;
import io.terway.eni.CreateCall;
import io.terway.eni.EniPage;
import io.terway.eni.EniQuery;
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
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Map;

/** ENIs as the rest of the service sees them: each action by its pace. */
public final class PacedCloud implements Cloud {

    private final Cloud cloud;
    private final PacedCalls calls;

    public PacedCloud(Cloud cloud, PacedCalls calls) {
        this.cloud = cloud;
        this.calls = calls;
    }

    @Override
    public CloudResult<NetworkInterface> create(CreateCall call) {
        String subject = "in " + call.vSwitch() + " with " + call.counts() + ", tags " + call.tags();
        return calls.call(Action.CREATE_NETWORK_INTERFACE, subject, () -> cloud.create(call));
    }

    @Override
    public CloudResult<Done> attach(EniId eni, Seat seat) {
        return calls.call(Action.ATTACH_NETWORK_INTERFACE, eni + " to " + seat, () -> cloud.attach(eni, seat));
    }

    @Override
    public CloudResult<Done> detach(EniId eni, Seat seat) {
        return calls.call(Action.DETACH_NETWORK_INTERFACE, eni + " from " + seat, () -> cloud.detach(eni, seat));
    }

    @Override
    public CloudResult<Done> delete(EniId eni) {
        return calls.call(Action.DELETE_NETWORK_INTERFACE, eni.value(), () -> cloud.delete(eni));
    }

    @Override
    public CloudResult<Added> assign(AssignCall call) {
        Action action =
                call.family() == Family.IPV4 ? Action.ASSIGN_PRIVATE_IP_ADDRESSES : Action.ASSIGN_IPV6_ADDRESSES;
        String subject = call.eni() + " " + call.what();
        return calls.call(action, subject, () -> cloud.assign(call));
    }

    @Override
    public CloudResult<Done> unassign(UnassignCall call) {
        Action action =
                call.family() == Family.IPV4 ? Action.UNASSIGN_PRIVATE_IP_ADDRESSES : Action.UNASSIGN_IPV6_ADDRESSES;
        String subject = call.eni() + " " + (call.addresses().isEmpty() ? call.prefixes() : call.addresses());
        return calls.call(action, subject, () -> cloud.unassign(call));
    }

    @Override
    public CloudResult<Done> setSecurityGroups(EniId eni, List<SecurityGroupId> groups) {
        return calls.call(
                Action.MODIFY_NETWORK_INTERFACE_ATTRIBUTE,
                eni + " groups " + groups,
                () -> cloud.setSecurityGroups(eni, groups));
    }

    @Override
    public CloudResult<Done> tag(EniId eni, Map<String, String> tags) {
        return calls.call(Action.TAG_RESOURCES, eni + " " + tags, () -> cloud.tag(eni, tags));
    }

    @Override
    public CloudResult<Done> untag(EniId eni, List<String> keys) {
        return calls.call(Action.UNTAG_RESOURCES, eni + " " + keys, () -> cloud.untag(eni, keys));
    }

    @Override
    public CloudResult<EniPage> interfaces(EniQuery query) {
        return calls.call(Action.DESCRIBE_NETWORK_INTERFACES, "", () -> cloud.interfaces(query));
    }

    @Override
    public CloudResult<List<ComputeInstance>> instances(List<InstanceId> ids) {
        return calls.call(Action.DESCRIBE_INSTANCES, "", () -> cloud.instances(ids));
    }

    @Override
    public CloudResult<List<InstanceLimits>> instanceTypes(List<InstanceType> types) {
        return calls.call(Action.DESCRIBE_INSTANCE_TYPES, "", () -> cloud.instanceTypes(types));
    }

    @Override
    public CloudResult<List<VSwitch>> vSwitches(VpcId vpc) {
        return calls.call(Action.DESCRIBE_V_SWITCHES, "", () -> cloud.vSwitches(vpc));
    }

    @Override
    public CloudResult<List<VSwitch>> vSwitch(VSwitchId id) {
        return calls.call(Action.DESCRIBE_V_SWITCHES, "", () -> cloud.vSwitch(id));
    }
}
