package io.terway.ipam.grpc;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/** Ready, and started, when the watches have synced; a standby is ready too. */
@Readiness
@Startup
@ApplicationScoped
public class SyncedCheck implements HealthCheck {

    private final IpamProcess process;

    SyncedCheck(IpamProcess process) {
        this.process = process;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("watches synced")
                .status(process.synced())
                .withData("leader", process.terms().current().isPresent())
                .build();
    }
}
