package io.terway.eni;

import io.terway.eni.CloudResult.Done;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Map;

/**
 * The part of the cloud that has ENIs, one method for each action. Every method blocks for one request, repeats nothing, and may be called from
 * any thread. Limits of the API are the caller's to keep; they are named on the request records.
 */
public interface Cloud {

    /** Makes an ENI; it is Available at once. */
    CloudResult<NetworkInterface> create(CreateCall call);

    /** Asynchronous: accepted, then Attaching, then InUse. */
    CloudResult<Done> attach(EniId eni, Seat seat);

    /** Asynchronous: accepted, then Detaching, then Available. */
    CloudResult<Done> detach(EniId eni, Seat seat);

    /** Asynchronous: accepted, then Deleting, then absent. */
    CloudResult<Done> delete(EniId eni);

    /** Adds addresses or prefixes, all or none. The answer holds the added ones. */
    CloudResult<Added> assign(AssignCall call);

    /** Takes addresses of one family off an ENI, all or none. */
    CloudResult<Done> unassign(UnassignCall call);

    /** Replaces the security groups of an ENI. */
    CloudResult<Done> setSecurityGroups(EniId eni, List<SecurityGroupId> groups);

    /** Adds tags to an ENI, in place of those of the same keys. */
    CloudResult<Done> tag(EniId eni, Map<String, String> tags);

    /** Takes tags off an ENI; an absent one is no failure. */
    CloudResult<Done> untag(EniId eni, List<String> keys);

    /** One page of at most 500 ENIs. Unknown ids are left out silently. */
    CloudResult<EniPage> interfaces(EniQuery query);

    /** At most 100 instances. Unknown ids are left out silently, and so is everything without RAM permission. */
    CloudResult<List<ComputeInstance>> instances(List<InstanceId> ids);

    /** Limits of at most 10 instance types. */
    CloudResult<List<InstanceLimits>> instanceTypes(List<InstanceType> types);

    /** All vSwitches of a VPC. */
    CloudResult<List<VSwitch>> vSwitches(VpcId vpc);

    /** One vSwitch; an empty list when there is none of that id. */
    CloudResult<List<VSwitch>> vSwitch(VSwitchId id);
}
