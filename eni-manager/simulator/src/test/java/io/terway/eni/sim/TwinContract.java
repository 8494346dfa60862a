package io.terway.eni.sim;

import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.sim.rpc.RateLimits;
import org.junit.jupiter.api.AfterEach;

class TwinContract extends CloudContract {

    private final EcsSimulator twin = EcsSimulator.start(
            Scenario.standard(),
            Options.defaults()
                    .withLatencies(Latencies.ofMillis(100, 100, 100, 50, 0, 50, 30, 50))
                    .withRateLimits(RateLimits.unlimited()),
            VpcObserver.NONE);
    private final Place place =
            new Place(SdkClient.of(twin), "vsw-bp1pod-h", "sg-bp1lab", "vpc-bp1lab", "i-bp1node00001", "ecs.g7.xlarge");

    @Override
    Place place() {
        return place;
    }

    @Override
    @AfterEach
    void takeBack() {
        twin.close();
    }
}
