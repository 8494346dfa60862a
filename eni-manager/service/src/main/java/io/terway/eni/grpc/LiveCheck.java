package io.terway.eni.grpc;

import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.CloudSide;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Down when the inventory's loop, or the watch over the lease, has stopped: a restart mends that, and nothing else does. */
@Liveness
@ApplicationScoped
public class LiveCheck implements HealthCheck {

    /** Far above a listing of the largest cluster with every retry. */
    private static final Duration STUCK = Duration.ofMinutes(15);

    private final CloudSide cloud;
    private final Leader leader;

    LiveCheck(CloudSide cloud, Leader leader) {
        this.cloud = cloud;
        this.leader = leader;
    }

    @Override
    public HealthCheckResponse call() {
        Duration idle = cloud.reader().idle();
        return HealthCheckResponse.named("inventory")
                .status(idle.compareTo(STUCK) < 0 && leader.alive())
                .withData("idleSeconds", idle.toSeconds())
                .build();
    }
}
