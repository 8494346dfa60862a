package io.terway.eni.operation;

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
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A cloud that only assigns, as the test says, and keeps the tokens it was given. */
final class ScriptedCloud implements Cloud {

    final List<String> tokens = new CopyOnWriteArrayList<>();
    volatile Function<AssignCall, CloudResult<Added>> script;

    @Override
    public CloudResult<Added> assign(AssignCall call) {
        tokens.add(call.clientToken());
        return script.apply(call);
    }

    @Override
    public CloudResult<NetworkInterface> create(CreateCall call) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<Done> attach(EniId eni, Seat seat) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<Done> detach(EniId eni, Seat seat) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<Done> delete(EniId eni) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<Done> unassign(UnassignCall call) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<Done> setSecurityGroups(EniId eni, List<SecurityGroupId> groups) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<Done> tag(EniId eni, Map<String, String> tags) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<Done> untag(EniId eni, List<String> keys) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<EniPage> interfaces(EniQuery query) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<List<ComputeInstance>> instances(List<InstanceId> ids) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<List<InstanceLimits>> instanceTypes(List<InstanceType> types) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<List<VSwitch>> vSwitches(VpcId vpc) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CloudResult<List<VSwitch>> vSwitch(VSwitchId id) {
        throw new UnsupportedOperationException();
    }
}
