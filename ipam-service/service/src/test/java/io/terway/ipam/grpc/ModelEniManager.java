package io.terway.ipam.grpc;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.AssignRequest;
import io.terway.wire.eni.v1.CreateEniRequest;
import io.terway.wire.eni.v1.DeleteEniRequest;
import io.terway.wire.eni.v1.DescribeInstanceRequest;
import io.terway.wire.eni.v1.EniManagerGrpc;
import io.terway.wire.eni.v1.EniOutcome;
import io.terway.wire.eni.v1.EniState;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.InstanceUpdate;
import io.terway.wire.eni.v1.Limits;
import io.terway.wire.eni.v1.ListVSwitchesRequest;
import io.terway.wire.eni.v1.ListVSwitchesResponse;
import io.terway.wire.eni.v1.Outcome;
import io.terway.wire.eni.v1.UnassignRequest;
import io.terway.wire.eni.v1.WatchRequest;
import io.terway.wire.net.v1.Eni;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A model of eni-manager: instances of 4 ENIs x 15 addresses, an endless vSwitch, outcomes remembered by operation id. */
final class ModelEniManager extends EniManagerGrpc.EniManagerImplBase {

    private final Map<String, Instance.Builder> instances = new HashMap<>(); // guarded by this
    private final Map<String, Object> outcomes = new HashMap<>(); // guarded by this
    private final List<StreamObserver<InstanceUpdate>> watchers = new ArrayList<>(); // guarded by this
    private final Set<String> unassigned = new TreeSet<>(); // guarded by this
    private int last; // guarded by this
    private Server server;

    static ModelEniManager start() throws IOException {
        var model = new ModelEniManager();
        model.server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(model)
                .build()
                .start();
        return model;
    }

    int port() {
        return server.getPort();
    }

    void stop() {
        server.shutdownNow();
    }

    synchronized Set<String> unassigned() {
        return new TreeSet<>(unassigned);
    }

    synchronized int enis(String instance) {
        return instances.get(instance).getEnisCount() - 1;
    }

    @Override
    public synchronized void watch(WatchRequest request, StreamObserver<InstanceUpdate> out) {
        watchers.add(out);
        ((ServerCallStreamObserver<InstanceUpdate>) out).setOnCancelHandler(() -> hungUp(out));
        instances.values().forEach(instance -> out.onNext(update(instance)));
        out.onNext(InstanceUpdate.newBuilder().setTerm(1).setSynced(true).build());
    }

    private synchronized void hungUp(StreamObserver<InstanceUpdate> watcher) {
        watchers.remove(watcher);
    }

    @Override
    public synchronized void describeInstance(DescribeInstanceRequest request, StreamObserver<Instance> out) {
        answer(out, instance(request.getInstanceId()).build());
    }

    @Override
    public synchronized void createEni(CreateEniRequest request, StreamObserver<EniOutcome> out) {
        Object outcome = outcomes.computeIfAbsent(request.getOperationId(), _ -> {
            String id = "eni-" + ++last;
            EniState.Builder eni = EniState.newBuilder()
                    .setEni(Eni.newBuilder()
                            .setId(id)
                            .setMac("00:16:3e:00:00:" + String.format("%02x", last))
                            .setVSwitchId("vsw-h")
                            .addSubnets("10.0.64.0/20")
                            .setPrimaryAddress(nextAddress()))
                    .setState("InUse")
                    .setType("Secondary")
                    .setOurs(true);
            for (int i = 0; i < request.getIpv4Count(); i++) {
                eni.addAddresses(nextAddress());
            }
            instance(request.getInstanceId()).addEnis(eni);
            publish(request.getInstanceId());
            return EniOutcome.newBuilder().setTerm(1).setEni(eni).build();
        });
        answer(out, (EniOutcome) outcome);
    }

    @Override
    public synchronized void assignAddresses(AssignRequest request, StreamObserver<AddressesOutcome> out) {
        Object outcome = outcomes.computeIfAbsent(request.getOperationId(), _ -> {
            AddressesOutcome.Builder added = AddressesOutcome.newBuilder().setTerm(1);
            EniState.Builder eni = eni(request.getInstanceId(), request.getEniId());
            for (int i = 0; i < request.getIpv4Count(); i++) {
                String address = nextAddress();
                added.addAddresses(address);
                eni.addAddresses(address);
            }
            publish(request.getInstanceId());
            return added.build();
        });
        answer(out, (AddressesOutcome) outcome);
    }

    @Override
    public synchronized void unassignAddresses(UnassignRequest request, StreamObserver<Outcome> out) {
        EniState.Builder eni = eni(request.getInstanceId(), request.getEniId());
        List<String> left = new ArrayList<>(eni.getAddressesList());
        left.removeAll(request.getAddressesList());
        eni.clearAddresses().addAllAddresses(left);
        unassigned.addAll(request.getAddressesList());
        publish(request.getInstanceId());
        answer(out, Outcome.newBuilder().setTerm(1).build());
    }

    @Override
    public synchronized void deleteEni(DeleteEniRequest request, StreamObserver<Outcome> out) {
        Instance.Builder instance = instance(request.getInstanceId());
        for (int i = 0; i < instance.getEnisCount(); i++) {
            if (instance.getEnis(i).getEni().getId().equals(request.getEniId())) {
                unassigned.addAll(instance.getEnis(i).getAddressesList());
                instance.removeEnis(i);
                break;
            }
        }
        publish(request.getInstanceId());
        answer(out, Outcome.newBuilder().setTerm(1).build());
    }

    @Override
    public void listVSwitches(ListVSwitchesRequest request, StreamObserver<ListVSwitchesResponse> out) {
        answer(out, ListVSwitchesResponse.getDefaultInstance());
    }

    private Instance.Builder instance(String id) {
        return instances.computeIfAbsent(
                id,
                _ -> Instance.newBuilder()
                        .setInstanceId(id)
                        .setInstanceType("ecs.g7.xlarge")
                        .setZone("cn-hangzhou-h")
                        .setStatus("Running")
                        .setPrimaryVSwitchId("vsw-h")
                        .setLimits(
                                Limits.newBuilder().setEnis(4).setIpv4PerEni(15).setIpv6PerEni(15))
                        .addEnis(EniState.newBuilder()
                                .setEni(Eni.newBuilder()
                                        .setId("eni-primary-" + id)
                                        .setMac("00:16:3e:ff:00:01")
                                        .setVSwitchId("vsw-n")
                                        .setPrimaryAddress("10.0.0.10")
                                        .setPrimary(true))
                                .setState("InUse")
                                .setType("Primary")));
    }

    private EniState.Builder eni(String instance, String id) {
        return instance(instance).getEnisBuilderList().stream()
                .filter(eni -> eni.getEni().getId().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private String nextAddress() {
        last++;
        return "10.0.64." + last;
    }

    private void publish(String instance) {
        watchers.forEach(watcher -> watcher.onNext(update(instance(instance))));
    }

    private static InstanceUpdate update(Instance.Builder instance) {
        return InstanceUpdate.newBuilder().setTerm(1).setInstance(instance).build();
    }

    private static <T> void answer(StreamObserver<T> out, T message) {
        out.onNext(message);
        out.onCompleted();
    }
}
