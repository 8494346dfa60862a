package io.terway.eni.simulation;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.terway.eni.ClusterTags;
import io.terway.eni.Tuning;
import io.terway.eni.VSwitchBook;
import io.terway.eni.ecs.CloudEdge;
import io.terway.eni.ecs.Pace;
import io.terway.eni.ecs.PacedCalls;
import io.terway.eni.ecs.PacedCloud;
import io.terway.eni.k8s.Leader;
import io.terway.eni.metrics.CloudMetrics;
import io.terway.eni.operation.CloudSide;
import io.terway.eni.state.StateStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** One eni-manager on virtual time: the real cloud side over the model, leading from its start to its end. */
final class SimulatedProcess {

    /** A fraction of the service's own, so that runs stay short. */
    static final Tuning TUNING = new Tuning(
            Tuning.DEFAULTS.rates(),
            Tuning.DEFAULTS.batch(),
            new Tuning.Cache(Duration.ofSeconds(300), Duration.ofSeconds(20), Duration.ofSeconds(600)),
            new Tuning.Collection(true, Duration.ofSeconds(60), Duration.ofSeconds(300)),
            VSwitchBook.Policy.ORDERED,
            new Tuning.TagRules(Map.of(), List.of()));

    private final VirtualTime.Process time;
    private final CloudSide side;
    private long term;

    SimulatedProcess(VirtualTime clock, ModelCloud cloud, StateStore state, long term) {
        this(clock, cloud, state, term, () -> TUNING);
    }

    SimulatedProcess(VirtualTime clock, ModelCloud cloud, StateStore state, long term, Supplier<Tuning> tuning) {
        this.term = term;
        time = clock.new Process();
        Leader leader = new Leader() {
            @Override
            public long term() {
                return SimulatedProcess.this.term;
            }

            @Override
            public Duration remaining() {
                return Duration.ofSeconds(SimulatedProcess.this.term == 0 ? 0 : 15);
            }

            @Override
            public void close(BooleanSupplier idle) {}
        };
        CloudMetrics metrics = new CloudMetrics(new SimpleMeterRegistry());
        PacedCalls calls = new PacedCalls(new CloudEdge(), new Pace(tuning), leader, metrics, _ -> {}, time);
        side = new CloudSide(
                new CloudSide.Clouds(new PacedCloud(cloud, calls), null, null),
                new CloudSide.Ground(new ClusterTags("c1"), tuning, state, leader, metrics, time));
        side.start();
    }

    CloudSide side() {
        return side;
    }

    VirtualTime.Process time() {
        return time;
    }

    void kill() {
        time.kill();
        term = 0;
    }

    /** Stops beginning calls; what is under way goes on until it wants to make the next one. */
    void resign() {
        term = 0;
        side.close();
    }
}
