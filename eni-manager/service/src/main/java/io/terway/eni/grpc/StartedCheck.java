package io.terway.eni.grpc;

import io.terway.eni.k8s.Leader;
import io.terway.eni.operation.CloudSide;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Startup;

/** Started as standby at once, as leader when the journal was read and the loop turns. */
@Startup
@ApplicationScoped
public class StartedCheck implements HealthCheck {

    private final CloudSide cloud;
    private final Leader leader;

    StartedCheck(CloudSide cloud, Leader leader) {
        this.cloud = cloud;
        this.leader = leader;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("started")
                .up()
                .withData("synced", cloud.inventory().synced())
                .withData("term", leader.term())
                .build();
    }
}
