package io.terway.eni.grpc;

import io.smallrye.faulttolerance.api.CircuitBreakerMaintenance;
import io.terway.eni.config.EniManagerConfig;
import io.terway.eni.config.LiveConfig;
import io.terway.eni.ecs.CloudEdge;
import io.terway.eni.ecs.CredentialChain;
import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.CloudSide;
import io.terway.wire.eni.v1.StatusResponse;
import jakarta.inject.Singleton;

/** How this replica is, for the Status call: whether it leads, whose key it uses, what it is busy with. */
@Singleton
class Condition {

    private final EniManagerConfig config;
    private final CloudSide cloud;
    private final Leader leader;
    private final CredentialChain credentials;
    private final LiveConfig live;
    private final CircuitBreakerMaintenance circuits;

    Condition(
            EniManagerConfig config,
            CloudSide cloud,
            Leader leader,
            CredentialChain credentials,
            LiveConfig live,
            CircuitBreakerMaintenance circuits) {
        this.config = config;
        this.cloud = cloud;
        this.leader = leader;
        this.credentials = credentials;
        this.live = live;
        this.circuits = circuits;
    }

    StatusResponse now() {
        return StatusResponse.newBuilder()
                .setLeader(leader.leading())
                .setTerm(leader.term())
                .setCredentialsSource(credentials.source())
                .setEndpoint(config.ecs().endpoint().orElse("the cloud's own"))
                .setRegion(config.ecs().region())
                .setOperationsInFlight(cloud.running())
                .putCircuits(CloudEdge.MUTATIONS, circuit(CloudEdge.MUTATIONS))
                .putCircuits(CloudEdge.READS, circuit(CloudEdge.READS))
                .addAllConfigProblems(live.problems())
                .addAllConfigProblems(credentials.pathTrouble().stream().toList())
                .build();
    }

    private String circuit(String name) {
        return switch (circuits.currentState(name)) {
            case CLOSED -> "closed";
            case OPEN -> "open";
            case HALF_OPEN -> "half-open";
        };
    }
}
