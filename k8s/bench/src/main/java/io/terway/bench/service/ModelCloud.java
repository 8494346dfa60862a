package io.terway.bench.service;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.terway.bench.Unmeasurable;
import io.terway.net.Ip;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.AssignRequest;
import io.terway.wire.eni.v1.CreateEniRequest;
import io.terway.wire.eni.v1.DescribeInstanceRequest;
import io.terway.wire.eni.v1.EniManagerGrpc;
import io.terway.wire.eni.v1.EniOutcome;
import io.terway.wire.eni.v1.EniState;
import io.terway.wire.eni.v1.Failure;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.InstanceUpdate;
import io.terway.wire.eni.v1.Limits;
import io.terway.wire.eni.v1.ListVSwitchesRequest;
import io.terway.wire.eni.v1.ListVSwitchesResponse;
import io.terway.wire.eni.v1.WatchRequest;
import io.terway.wire.net.v1.Eni;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A model of eni-manager that answers at once. Each instance has one ENI of so many addresses to begin with; so many more
 * are free in the one vSwitch.
 */
final class ModelCloud extends EniManagerGrpc.EniManagerImplBase implements AutoCloseable {

    /** Addresses of one node lie in its own 256. */
    private static final int NODE_BLOCK = 256;

    private static final int FIRST = 0x0a000000;

    private final int nodes;
    private final int enis;
    private final int addressesPerEni;
    private final Map<String, Instance.Builder> instances = new HashMap<>(); // guarded by this
    private final List<StreamObserver<InstanceUpdate>> watchers = new ArrayList<>(); // guarded by this
    private final Server server;
    private int free; // guarded by this
    private int lastEni; // guarded by this
    private int lastAddress; // guarded by this

    ModelCloud(Optional<Certificates> certificates, int nodes, int enis, int addressesPerEni, boolean warm, int free) {
        this.nodes = nodes;
        this.enis = enis;
        this.addressesPerEni = addressesPerEni;
        this.free = free;
        for (int node = 0; node < nodes; node++) {
            instances.put("i-" + node, instance(node, warm));
        }
        try {
            var builder = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                    .permitKeepAliveTime(1, TimeUnit.SECONDS)
                    .permitKeepAliveWithoutCalls(true)
                    .addService(this);
            if (certificates.isPresent()) {
                builder.sslContext(certificates.get().server());
            }
            server = builder.build().start();
        } catch (IOException e) {
            throw new Unmeasurable("the model of eni-manager does not start: " + e.getMessage());
        }
    }

    int port() {
        return server.getPort();
    }

    static String address(int node, int index) {
        return Ip.ofIpv4(FIRST + node * NODE_BLOCK + index + 1).toString();
    }

    /** A node's ENI as the cloud and the agent's ledger have it; address 0 is its own. */
    static Eni eni(String id, int number, String primary) {
        return Eni.newBuilder()
                .setId(id)
                .setMac("00:16:3e:%02x:%02x:%02x".formatted(number >> 16 & 255, number >> 8 & 255, number & 255))
                .setVSwitchId("vsw-h")
                .addSubnets("10.0.0.0/8")
                .setPrimaryAddress(primary)
                .build();
    }

    @Override
    public synchronized void watch(WatchRequest request, StreamObserver<InstanceUpdate> out) {
        for (int node = 0; node < nodes; node++) {
            out.onNext(update("i-" + node));
        }
        out.onNext(InstanceUpdate.newBuilder().setTerm(1).setSynced(true).build());
        var watcher = (ServerCallStreamObserver<InstanceUpdate>) out;
        watcher.setOnCancelHandler(() -> left(out));
        watchers.add(out);
    }

    private synchronized void left(StreamObserver<InstanceUpdate> out) {
        watchers.remove(out);
    }

    private InstanceUpdate update(String instance) {
        return InstanceUpdate.newBuilder()
                .setTerm(1)
                .setInstance(instances.get(instance))
                .build();
    }

    private void changed(String instance) {
        watchers.forEach(out -> out.onNext(update(instance)));
    }

    @Override
    public synchronized void describeInstance(DescribeInstanceRequest request, StreamObserver<Instance> out) {
        answer(out, instances.get(request.getInstanceId()).build());
    }

    @Override
    public synchronized void createEni(CreateEniRequest request, StreamObserver<EniOutcome> out) {
        EniOutcome.Builder outcome = EniOutcome.newBuilder().setTerm(1);
        if (free <= request.getIpv4Count()) { // all or nothing, its own address counted
            answer(out, outcome.setFailure(exhausted()).build());
            return;
        }
        int number = ++lastEni + nodes;
        EniState.Builder eni = EniState.newBuilder()
                .setEni(eni("eni-more-" + number, number, next()))
                .setState("InUse")
                .setType("Secondary")
                .setOurs(true);
        for (int i = 0; i < request.getIpv4Count(); i++) {
            eni.addAddresses(next());
        }
        instances.get(request.getInstanceId()).addEnis(eni);
        changed(request.getInstanceId());
        answer(out, outcome.setEni(eni).build());
    }

    @Override
    public synchronized void assignAddresses(AssignRequest request, StreamObserver<AddressesOutcome> out) {
        AddressesOutcome.Builder outcome = AddressesOutcome.newBuilder().setTerm(1);
        List<String> added = new ArrayList<>();
        if (free < request.getIpv4Count()) {
            answer(out, outcome.setFailure(exhausted()).build());
            return;
        }
        while (added.size() < request.getIpv4Count()) {
            added.add(next());
        }
        instances.get(request.getInstanceId()).getEnisBuilderList().stream()
                .filter(eni -> eni.getEni().getId().equals(request.getEniId()))
                .forEach(eni -> eni.addAllAddresses(added));
        changed(request.getInstanceId());
        answer(out, outcome.addAllAddresses(added).build());
    }

    @Override
    public void listVSwitches(ListVSwitchesRequest request, StreamObserver<ListVSwitchesResponse> out) {
        answer(out, ListVSwitchesResponse.getDefaultInstance());
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private String next() {
        free--;
        return Ip.ofIpv4(FIRST + (nodes + 1) * NODE_BLOCK + ++lastAddress).toString();
    }

    private static Failure exhausted() {
        return Failure.newBuilder()
                .setClass_(Failure.Class.V_SWITCH_EXHAUSTED)
                .setMessage("vsw-h is exhausted")
                .build();
    }

    private Instance.Builder instance(int node, boolean warm) {
        Instance.Builder instance = Instance.newBuilder()
                .setInstanceId("i-" + node)
                .setInstanceType("ecs.g7.4xlarge")
                .setZone("cn-hangzhou-h")
                .setStatus("Running")
                .setPrimaryVSwitchId("vsw-h")
                .setLimits(Limits.newBuilder().setEnis(enis).setIpv4PerEni(addressesPerEni))
                .addEnis(EniState.newBuilder()
                        .setEni(Eni.newBuilder()
                                .setId("eni-primary-" + node)
                                .setMac("00:16:3f:00:00:01")
                                .setVSwitchId("vsw-n")
                                .setPrimaryAddress("10.255.0.10")
                                .setPrimary(true))
                        .setState("InUse")
                        .setType("Primary"));
        if (warm) {
            EniState.Builder eni = EniState.newBuilder()
                    .setEni(eni("eni-" + node, node, address(node, 0)))
                    .setState("InUse")
                    .setType("Secondary")
                    .setOurs(true);
            for (int i = 1; i < addressesPerEni; i++) {
                eni.addAddresses(address(node, i));
            }
            instance.addEnis(eni);
        }
        return instance;
    }

    private static <T> void answer(StreamObserver<T> out, T message) {
        out.onNext(message);
        out.onCompleted();
    }
}
