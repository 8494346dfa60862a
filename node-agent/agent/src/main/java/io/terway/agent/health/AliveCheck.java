package io.terway.agent.health;

import io.terway.agent.NodeAgent;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/** Alive while the socket accepts; a restart would mend it otherwise. */
@Liveness
final class AliveCheck implements HealthCheck {

    private final NodeAgent agent;

    AliveCheck(NodeAgent agent) {
        this.agent = agent;
    }

    @Override
    public HealthCheckResponse call() {
        String why = agent.notAlive();
        return why.isEmpty()
                ? HealthCheckResponse.up("cni")
                : HealthCheckResponse.named("cni").down().withData("why", why).build();
    }
}
