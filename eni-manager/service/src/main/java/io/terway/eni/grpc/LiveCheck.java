package io.terway.eni.grpc;

import io.terway.eni.operation.CloudSide;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Down when the inventory's loop has stopped turning: a restart mends that, and nothing else does. */
@Liveness
@ApplicationScoped
public class LiveCheck implements HealthCheck {

    /** Far above a listing of the largest cluster with every retry. */
    private static final Duration STUCK = Duration.ofMinutes(15);

    private final CloudSide cloud;

    LiveCheck(CloudSide cloud) {
        this.cloud = cloud;
    }

    @Override
    public HealthCheckResponse call() {
        Duration idle = cloud.reader().idle();
        return HealthCheckResponse.named("inventory")
                .status(idle.compareTo(STUCK) < 0)
                .withData("idleSeconds", idle.toSeconds())
                .build();
    }
}
