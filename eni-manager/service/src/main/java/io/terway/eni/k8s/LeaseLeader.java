package io.terway.eni.k8s;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.terway.eni.ElectionTimes;
import io.terway.link.Leadership;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Leads while it holds the Lease {@value #LEASE}. */
public final class LeaseLeader implements Leader {

    /** Clients follow this Lease. */
    public static final String LEASE = "terway-eni";

    private final Leadership leadership;

    /** @param advertise host:port written into the Lease */
    public LeaseLeader(KubernetesClient client, String namespace, String advertise, ElectionTimes times) {
        leadership = Leadership.start(
                client,
                new Leadership.Settings(namespace, LEASE, advertise, times.lease(), times.retry()),
                new Leadership.Listener() {
                    @Override
                    public void elected(long term) {
                        // The inventory sees the new term when its loop turns, within a second.
                    }

                    @Override
                    public void lost(long term) {
                        // Every mutating call asks for the remaining lease itself; there is nothing to stop here.
                    }
                });
    }

    @Override
    public long term() {
        return leadership.term();
    }

    @Override
    public Duration remaining() {
        return leadership.remaining();
    }

    @Override
    public boolean alive() {
        return leadership.alive();
    }

    @Override
    public void close(BooleanSupplier idle) {
        leadership.close(idle);
    }
}
