package io.terway.agent.health;

import io.terway.agent.NodeAgent;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Started once the socket listens. */
@Startup
final class StartedCheck implements HealthCheck {

    private final NodeAgent agent;

    StartedCheck(NodeAgent agent) {
        this.agent = agent;
    }

    @Override
    public HealthCheckResponse call() {
        String why = agent.notStarted();
        return why.isEmpty()
                ? HealthCheckResponse.up("cni")
                : HealthCheckResponse.named("cni").down().withData("why", why).build();
    }
}
