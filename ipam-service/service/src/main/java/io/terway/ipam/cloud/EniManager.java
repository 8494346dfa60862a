package io.terway.ipam.cloud;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.terway.ipam.Shard;
import io.terway.ipam.config.IpamConfig;
import io.terway.ipam.config.Shards;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.AssignRequest;
import io.terway.wire.eni.v1.AttachEniRequest;
import io.terway.wire.eni.v1.CreateEniRequest;
import io.terway.wire.eni.v1.DeleteEniRequest;
import io.terway.wire.eni.v1.DeleteRouteRequest;
import io.terway.wire.eni.v1.DescribeInstanceRequest;
import io.terway.wire.eni.v1.DetachEniRequest;
import io.terway.wire.eni.v1.EniManagerGrpc;
import io.terway.wire.eni.v1.EniOutcome;
import io.terway.wire.eni.v1.Instance;
import io.terway.wire.eni.v1.InstanceUpdate;
import io.terway.wire.eni.v1.ListKeptEnisRequest;
import io.terway.wire.eni.v1.ListKeptEnisResponse;
import io.terway.wire.eni.v1.ListRoutesRequest;
import io.terway.wire.eni.v1.ListRoutesResponse;
import io.terway.wire.eni.v1.ListVSwitchesRequest;
import io.terway.wire.eni.v1.ListVSwitchesResponse;
import io.terway.wire.eni.v1.ModifyEniRequest;
import io.terway.wire.eni.v1.Outcome;
import io.terway.wire.eni.v1.PutRouteRequest;
import io.terway.wire.eni.v1.UnassignRequest;
import io.terway.wire.eni.v1.WatchRequest;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.faulttolerance.Bulkhead;
import org.eclipse.microprofile.faulttolerance.CircuitBreaker;
import org.eclipse.microprofile.faulttolerance.Timeout;

/**
 * The calls of eni-manager, each guarded: a deadline, a circuit that opens when it does not answer, a bound on calls at a time.
 * Nothing is retried here (rule 16): the loop sends an operation again with the same id. Blocking; call from virtual threads.
 */
@ApplicationScoped
public class EniManager {

    private static final long SLOW_SECONDS = 90;
    private static final long QUICK_SECONDS = 30;
    private static final int AT_A_TIME = 256;

    /** Whose terms a call carries, where several shards have each their own. */
    private static final Metadata.Key<String> SHARD = Metadata.Key.of("terway-shard", Metadata.ASCII_STRING_MARSHALLER);

    private final LeaderChannel leader;
    private final Optional<ClientInterceptor> shard;

    EniManager(KubernetesClient client, IpamConfig config) {
        Path cache = config.stateDir().resolve("eni-manager.address");
        var settings = new LeaderChannel.Settings(
                config.namespace(),
                "terway-eni",
                Files.isWritable(config.stateDir()) ? Optional.of(cache) : Optional.empty(),
                Tls.of(
                        config.tls().certificate(),
                        config.tls().key(),
                        config.tls().authority()),
                config.token());
        Shard of = Shards.of(config);
        shard = of.isPart() ? Optional.of(naming(of)) : Optional.empty();
        leader = LeaderChannel.open(client, "terway.eni-manager", config.eniManager(), settings);
    }

    private static ClientInterceptor naming(Shard shard) {
        Metadata headers = new Metadata();
        headers.put(SHARD, Integer.toString(shard.index()));
        return MetadataUtils.newAttachHeadersInterceptor(headers);
    }

    @PreDestroy
    void close() {
        leader.close();
    }

    @Timeout(value = SLOW_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public EniOutcome create(CreateEniRequest request) {
        return leaving(() -> stub(SLOW_SECONDS).createEni(request));
    }

    @Timeout(value = SLOW_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public Outcome delete(DeleteEniRequest request) {
        return leaving(() -> stub(SLOW_SECONDS).deleteEni(request));
    }

    @Timeout(value = SLOW_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public Outcome detach(DetachEniRequest request) {
        return leaving(() -> stub(SLOW_SECONDS).detachEni(request));
    }

    @Timeout(value = SLOW_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public EniOutcome attach(AttachEniRequest request) {
        return leaving(() -> stub(SLOW_SECONDS).attachEni(request));
    }

    @Timeout(value = QUICK_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public AddressesOutcome assign(AssignRequest request) {
        return leaving(() -> stub(QUICK_SECONDS).assignAddresses(request));
    }

    @Timeout(value = QUICK_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public Outcome unassign(UnassignRequest request) {
        return leaving(() -> stub(QUICK_SECONDS).unassignAddresses(request));
    }

    @Timeout(value = QUICK_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public Outcome modify(ModifyEniRequest request) {
        return leaving(() -> stub(QUICK_SECONDS).modifyEni(request));
    }

    @Timeout(value = QUICK_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public Outcome putRoute(PutRouteRequest request) {
        return leaving(() -> stub(QUICK_SECONDS).putRoute(request));
    }

    @Timeout(value = QUICK_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public Outcome deleteRoute(DeleteRouteRequest request) {
        return leaving(() -> stub(QUICK_SECONDS).deleteRoute(request));
    }

    @Timeout(value = QUICK_SECONDS + 5, unit = ChronoUnit.SECONDS)
    @CircuitBreaker(requestVolumeThreshold = 20, delay = 2, delayUnit = ChronoUnit.SECONDS)
    @Bulkhead(AT_A_TIME)
    public Instance describe(DescribeInstanceRequest request) {
        return leaving(() -> stub(QUICK_SECONDS).describeInstance(request));
    }

    @Timeout(value = QUICK_SECONDS + 5, unit = ChronoUnit.SECONDS)
    public ListVSwitchesResponse vSwitches() {
        return leaving(() -> stub(QUICK_SECONDS).listVSwitches(ListVSwitchesRequest.getDefaultInstance()));
    }

    @Timeout(value = QUICK_SECONDS + 5, unit = ChronoUnit.SECONDS)
    public ListKeptEnisResponse keptEnis() {
        return leaving(() -> stub(QUICK_SECONDS).listKeptEnis(ListKeptEnisRequest.getDefaultInstance()));
    }

    @Timeout(value = QUICK_SECONDS + 5, unit = ChronoUnit.SECONDS)
    public ListRoutesResponse routes() {
        return leaving(() -> stub(QUICK_SECONDS).listRoutes(ListRoutesRequest.getDefaultInstance()));
    }

    /** The stream of instances; ends with a StatusRuntimeException. */
    public Iterator<InstanceUpdate> watch() {
        return leaving(() -> EniManagerGrpc.newBlockingStub(channel()).watch(WatchRequest.getDefaultInstance()));
    }

    /** Looks for the leader again. */
    public void refresh() {
        leader.refresh();
    }

    private EniManagerGrpc.EniManagerBlockingStub stub(long seconds) {
        return EniManagerGrpc.newBlockingStub(channel()).withDeadlineAfter(seconds, TimeUnit.SECONDS);
    }

    private Channel channel() {
        Channel channel = leader.current()
                .orElseThrow(() -> Status.UNAVAILABLE
                        .withDescription("nobody holds the Lease terway-eni")
                        .asRuntimeException());
        return shard.map(naming -> ClientInterceptors.intercept(channel, naming))
                .orElse(channel);
    }

    private interface Call<T> {
        T run();
    }

    private <T> T leaving(Call<T> call) {
        try {
            return call.run();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNAVAILABLE
                    || e.getStatus().getCode() == Status.Code.FAILED_PRECONDITION) {
                leader.refresh();
            }
            throw e;
        }
    }
}
