package io.terway.policy.grpc;

import io.quarkus.grpc.GrpcService;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive while every loop runs: one that has ended is mended by a restart only. */
@Liveness
@ApplicationScoped
public class AliveCheck implements HealthCheck {

    private final PolicyGrpc policy;

    AliveCheck(@GrpcService PolicyGrpc policy) {
        this.policy = policy;
    }

    @Override
    public HealthCheckResponse call() {
        Optional<String> ended = policy.ended();
        return ended.isEmpty()
                ? HealthCheckResponse.up("loops")
                : HealthCheckResponse.named("loops")
                        .down()
                        .withData("why", "this has ended: " + ended.get())
                        .build();
    }
}
