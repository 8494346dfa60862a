package io.terway.eni.grpc;

import io.terway.eni.ecs.CredentialChain;
import io.terway.eni.k8s.Leader;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Ready as leader or hot standby, once an access key was found. */
@Readiness
@ApplicationScoped
public class ReadyCheck implements HealthCheck {

    private final CredentialChain credentials;
    private final Leader leader;

    ReadyCheck(CredentialChain credentials, Leader leader) {
        this.credentials = credentials;
        this.leader = leader;
    }

    @Override
    public HealthCheckResponse call() {
        String source = credentials.source();
        return HealthCheckResponse.named("cloud")
                .status(!source.equals(CredentialChain.NONE))
                .withData(
                        "credentials",
                        credentials
                                .pathTrouble()
                                .map(why -> source + "; " + why)
                                .orElse(source))
                .withData("role", leader.leading() ? "leader, term " + leader.term() : "standby")
                .build();
    }
}
