package io.terway.eni.sim;

import io.terway.eni.sim.serve.Opening;
import io.terway.eni.sim.serve.Servers;
import io.terway.eni.sim.serve.Twin;
import java.util.Set;

/** A running twin: the APIs, instance metadata and the cloud behind them. Methods may be called from any thread. */
public final class EcsSimulator implements AutoCloseable {

    private final Scenario scenario;
    private final Options options;
    private final Twin twin;
    private final Servers servers;

    private EcsSimulator(Scenario scenario, Options options, Twin twin, Servers servers) {
        this.scenario = scenario;
        this.options = options;
        this.twin = twin;
        this.servers = servers;
    }

    /**
     * Starts a twin and returns when it serves and the data plane has seen everything.
     *
     * @param scenario what exists at the first start; a state file that is there already wins
     * @throws IllegalArgumentException when scenario or state file do not fit
     * @throws IllegalStateException when a port is taken
     */
    public static EcsSimulator start(Scenario scenario, Options options, VpcObserver observer) {
        Twin twin = Opening.open(scenario, options, observer);
        try {
            Servers servers = Servers.open(twin, options);
            twin.settle();
            return new EcsSimulator(scenario, options, twin, servers);
        } catch (IllegalStateException e) {
            twin.close();
            throw e;
        }
    }

    public int apiPort() {
        return servers.apiPort();
    }

    /** {@code host:port} without scheme, as the SDK wants it. */
    public String endpoint() {
        return options.api().host() + ":" + servers.apiPort();
    }

    /** -1 when no metadata is served. */
    public int metadataPort() {
        return servers.metadataPort();
    }

    /** What this twin was started with. */
    public Scenario scenario() {
        return scenario;
    }

    /** The cloud now. */
    public VpcView view() {
        return twin.with(desk -> VpcView.of(desk.cloud(), Set.of()));
    }

    /** Lets everything happen that is due by the clock, and returns when the data plane and the state file have it. */
    public void settle() {
        twin.settle();
    }

    /** Writes the state file a last time and frees the ports. */
    @Override
    public void close() {
        servers.close();
        twin.close();
    }
}
