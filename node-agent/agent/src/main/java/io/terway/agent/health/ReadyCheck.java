package io.terway.agent.health;

import io.terway.agent.NodeAgent;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready while ADDs are served: socket open, ledger sound, node configured. */
@Readiness
final class ReadyCheck implements HealthCheck {

    private final NodeAgent agent;

    ReadyCheck(NodeAgent agent) {
        this.agent = agent;
    }

    @Override
    public HealthCheckResponse call() {
        String why = agent.notReady();
        return why.isEmpty()
                ? HealthCheckResponse.named("cni")
                        .up()
                        .withData("findings", agent.findings().size())
                        .build()
                : HealthCheckResponse.named("cni").down().withData("why", why).build();
    }
}
