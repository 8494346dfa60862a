package io.terway.ipam.grpc;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive while the watch over the lease, and the loop of the term we lead, have their threads. */
@Liveness
@ApplicationScoped
public class AliveCheck implements HealthCheck {

    private final IpamProcess process;

    AliveCheck(IpamProcess process) {
        this.process = process;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("loop").status(process.alive()).build();
    }
}
