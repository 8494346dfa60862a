package io.terway.eni.operation;

import com.aliyuncs.ecs.model.v20140526.CreateSecurityGroupRequest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.eni.AddressCounts;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.ClusterTags;
import io.terway.eni.EniOrder;
import io.terway.eni.EniType;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.audit.AuditEvent;
import io.terway.eni.config.EniManagerConfig;
import io.terway.eni.config.LiveConfig;
import io.terway.eni.config.Settings;
import io.terway.eni.ecs.CloudEdge;
import io.terway.eni.ecs.CredentialChain;
import io.terway.eni.ecs.EcsClient;
import io.terway.eni.ecs.EcsCloud;
import io.terway.eni.ecs.EcsGroups;
import io.terway.eni.ecs.EcsRoutes;
import io.terway.eni.ecs.OidcRole;
import io.terway.eni.ecs.Pace;
import io.terway.eni.ecs.PacedCalls;
import io.terway.eni.ecs.PacedCloud;
import io.terway.eni.ecs.PacedGroups;
import io.terway.eni.ecs.PacedRoutes;
import io.terway.eni.ecs.RamRole;
import io.terway.eni.k8s.Leader;
import io.terway.eni.k8s.SoleLeader;
import io.terway.eni.metrics.CloudMetrics;
import io.terway.eni.sim.EcsSimulator;
import io.terway.eni.sim.EniView;
import io.terway.eni.sim.Options;
import io.terway.eni.sim.Scenario;
import io.terway.eni.sim.VpcObserver;
import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.state.FileState;
import io.terway.eni.time.MachineTime;
import io.terway.eni.time.Time;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** The cloud side over the real SDK against a twin of its own, without Quarkus around it. */
public final class TwinLab implements AutoCloseable {

    public static final InstanceId NODE = new InstanceId("i-bp1node00001");
    public static final VSwitchId POD_H = new VSwitchId("vsw-bp1pod-h");
    public static final VSwitchId NODE_H = new VSwitchId("vsw-bp1node-h");

    private final EcsSimulator twin;
    private final Path stateDir;
    private final HttpClient http = HttpClient.newHttpClient();
    /** What eni-config says to processes that start from now on. */
    volatile Map<String, String> eniConfig = Map.of();

    final List<AuditEvent> audit = new CopyOnWriteArrayList<>();

    public TwinLab(Path stateDir) {
        this(stateDir, new InstanceType("ecs.g7.xlarge"));
    }

    TwinLab(Path stateDir, InstanceType type) {
        this.stateDir = stateDir;
        twin = EcsSimulator.start(
                Scenario.lab(3, type, true), Options.defaults().withLatencies(Latencies.quick()), VpcObserver.NONE);
    }

    public Map<String, String> settings() {
        return Map.of(
                "terway.cluster-id", "c1",
                "terway.ecs.region", twin.scenario().region(),
                "terway.ecs.endpoint", twin.endpoint(),
                "terway.ecs.protocol", "http",
                "terway.leader-election", "false",
                "terway.watch-interval", "300ms",
                "terway.state-dir", stateDir.toString());
    }

    public Scenario.AccessKey accessKey() {
        return twin.scenario().accessKey();
    }

    /** A fresh process: only the state directory and the cloud are what they were. */
    CloudSide process(String clusterId) {
        return process(clusterId, new SoleLeader());
    }

    private CredentialChain credentials() {
        Map<String, String> environment = Map.of(
                "ALIBABA_CLOUD_ACCESS_KEY_ID", accessKey().id(),
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET", accessKey().secret());
        URI nobody = URI.create("http://127.0.0.1:1");
        return new CredentialChain(new CredentialChain.Sources(
                Optional::empty,
                Optional::empty,
                name -> Optional.ofNullable(environment.get(name)),
                List.of(stateDir),
                new OidcRole(_ -> Optional.empty(), nobody),
                new RamRole(nobody)));
    }

    CloudSide process(String clusterId, Leader leader) {
        Map<String, String> changed = new HashMap<>(settings());
        changed.put("terway.cluster-id", clusterId);
        EniManagerConfig config = Settings.of(changed);
        CredentialChain credentials = credentials();
        CloudMetrics metrics = new CloudMetrics(new SimpleMeterRegistry());
        LiveConfig live = new LiveConfig(config);
        live.take(eniConfig);
        Time time = new MachineTime();
        PacedCalls calls = new PacedCalls(new CloudEdge(), new Pace(live), leader, metrics, audit::add, time);
        EcsClient client = new EcsClient(config.ecs(), credentials);
        CloudSide.Clouds clouds = new CloudSide.Clouds(
                new PacedCloud(new EcsCloud(client), calls),
                new PacedRoutes(new EcsRoutes(client), calls),
                new PacedGroups(new EcsGroups(client), calls));
        ClusterTags tags = new ClusterTags(config.clusterId());
        CloudSide side =
                new CloudSide(clouds, new CloudSide.Ground(tags, live, new FileState(stateDir), leader, metrics, time));
        side.start();
        return side;
    }

    /** Makes another security group in the VPC, as a person would. */
    SecurityGroupId group(String name) {
        CreateSecurityGroupRequest request = new CreateSecurityGroupRequest();
        request.setSecurityGroupName(name);
        request.setVpcId(twin.scenario().vpc().id().value());
        EcsClient client = new EcsClient(Settings.of(settings()).ecs(), credentials());
        return switch (client.send(request, Optional.empty(), made -> new SecurityGroupId(made.getSecurityGroupId()))) {
            case CloudResult.Ok<SecurityGroupId>(SecurityGroupId id) -> id;
            case CloudResult.Failed<SecurityGroupId>(CloudFailure failure) -> throw new AssertionError(failure);
        };
    }

    static EniOrder order(String operation, int ipv4, VSwitchId... vSwitches) {
        return new EniOrder(
                new OperationId(operation),
                new Seat.OnInstance(NODE),
                List.of(vSwitches),
                List.of(new SecurityGroupId("sg-bp1lab")),
                AddressCounts.of(ipv4, 0),
                Map.of(),
                "",
                EniType.SECONDARY);
    }

    /** ENIs that are no instance's primary one. */
    public List<EniView> added() {
        return twin.view().enis().stream().filter(eni -> !eni.primary()).toList();
    }

    public void faults(String json) {
        control("PUT", "/_control/faults", json);
    }

    /** The instance is deleted by others. */
    void release(InstanceId id) {
        control("POST", "/_control/instances/" + id + "/release", "");
    }

    public void exhaust(VSwitchId id) {
        control("POST", "/_control/vswitches/" + id + "/exhaust", "");
    }

    private void control(String method, String path, String body) {
        try {
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(URI.create("http://" + twin.endpoint() + path))
                            .method(method, HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new AssertionError(method + " " + path + ": " + answer.statusCode() + " " + answer.body());
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        twin.close();
    }
}
