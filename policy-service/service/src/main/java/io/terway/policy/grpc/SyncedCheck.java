package io.terway.policy.grpc;

import io.quarkus.grpc.GrpcService;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Ready, and started, when the watches have synced: nothing is streamed before. */
@Readiness
@Startup
@ApplicationScoped
public class SyncedCheck implements HealthCheck {

    private final PolicyGrpc policy;

    SyncedCheck(@GrpcService PolicyGrpc policy) {
        this.policy = policy;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("watches synced")
                .status(policy.synced())
                .build();
    }
}
