package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A model of eni-manager and the cloud behind it: hands out addresses of one vSwitch, checks who takes what off. */
final class ModelCloud {

    static final VSwitchId VSWITCH = new VSwitchId("vsw-h");

    final Deque<Ip> free = new ArrayDeque<>();
    final Map<InstanceId, Map<EniId, CloudEni>> enis = new HashMap<>();
    private int lastEni;

    ModelCloud(int addresses) {
        for (int i = 0; i < addresses; i++) {
            free.add(Ip.ofIpv4(0x0a004001 + i));
        }
    }

    OperationResult run(PoolCommand command) {
        Map<EniId, CloudEni> mine = enis.computeIfAbsent(command.instance(), _ -> new HashMap<>());
        return switch (command) {
            case PoolCommand.CreateEni create -> create(mine, create.ipv4Count());
            case PoolCommand.AssignAddresses assign -> assign(mine, assign);
            case PoolCommand.UnassignAddresses unassign -> {
                CloudEni eni = mine.get(unassign.eni());
                List<Ip> left = new ArrayList<>(eni.addresses());
                left.removeAll(unassign.addresses());
                free.addAll(unassign.addresses());
                mine.put(eni.id(), with(eni, left));
                yield new OperationResult.Removed();
            }
            case PoolCommand.DeleteEni delete -> {
                free.addAll(mine.remove(delete.eni()).all());
                yield new OperationResult.Removed();
            }
        };
    }

    private OperationResult create(Map<EniId, CloudEni> mine, int secondaries) {
        if (free.size() < secondaries + 1) {
            return exhausted();
        }
        EniId id = new EniId("eni-" + ++lastEni);
        Ip own = free.remove();
        CloudEni eni = new CloudEni(
                id,
                new Mac(lastEni),
                VSWITCH,
                List.of(Cidr.parse("10.0.64.0/20")),
                Optional.of(own),
                take(secondaries),
                CloudEni.Phase.IN_USE,
                CloudEni.Use.SECONDARY,
                true);
        mine.put(id, eni);
        return new OperationResult.EniCreated(eni);
    }

    private OperationResult assign(Map<EniId, CloudEni> mine, PoolCommand.AssignAddresses assign) {
        if (free.size() < assign.ipv4Count()) {
            return exhausted();
        }
        CloudEni eni = mine.get(assign.eni());
        List<Ip> added = take(assign.ipv4Count());
        List<Ip> all = new ArrayList<>(eni.addresses());
        all.addAll(added);
        mine.put(eni.id(), with(eni, all));
        return new OperationResult.Assigned(added);
    }

    private List<Ip> take(int count) {
        List<Ip> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(free.remove());
        }
        return taken;
    }

    private static OperationResult exhausted() {
        return new OperationResult.Failed(FailureClass.V_SWITCH_EXHAUSTED, "vsw-h is exhausted", Duration.ZERO);
    }

    private static CloudEni with(CloudEni eni, List<Ip> addresses) {
        return new CloudEni(
                eni.id(), eni.mac(), eni.vSwitch(), eni.subnets(), eni.own(), addresses, eni.phase(), eni.use(), true);
    }

    CloudInstance describe(InstanceId id) {
        List<CloudEni> all = new ArrayList<>();
        all.add(new CloudEni(
                new EniId("eni-primary-" + id),
                new Mac(id.hashCode() & 0xffff),
                VSWITCH,
                List.of(Cidr.parse("10.0.0.0/24")),
                Optional.of(Ip.parse("10.0.0.1")),
                List.of(),
                CloudEni.Phase.IN_USE,
                CloudEni.Use.PRIMARY,
                false));
        all.addAll(enis.getOrDefault(id, Map.of()).values());
        return new CloudInstance(
                id,
                new InstanceType("ecs.g7.xlarge"),
                new ZoneId("cn-hangzhou-h"),
                false,
                new InstanceLimits(4, 15, 15),
                all,
                Optional.of(VSWITCH),
                List.of());
    }

    int assigned(Family family) {
        int sum = 0;
        for (Map<EniId, CloudEni> mine : enis.values()) {
            for (CloudEni eni : mine.values()) {
                sum += (int)
                        eni.all().stream().filter(ip -> ip.family() == family).count();
            }
        }
        return sum;
    }
}
