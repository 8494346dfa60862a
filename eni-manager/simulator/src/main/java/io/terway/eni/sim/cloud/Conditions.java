package io.terway.eni.sim.cloud;

import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;

/** What can be set about the cloud while it runs: how slow it is, what is stuck and what is used up. */
public final class Conditions {

    private Latencies latencies;
    private Duration staleReads = Duration.ZERO;
    private Duration metadataLag = Duration.ZERO;
    private boolean attachStuck;
    private boolean detachStuck;
    private final Set<VSwitchId> exhausted = new HashSet<>();

    public Conditions(Latencies latencies) {
        this.latencies = latencies;
    }

    public Latencies latencies() {
        return latencies;
    }

    public void latencies(Latencies newLatencies) {
        this.latencies = newLatencies;
    }

    /** How long reads still show an ENI as it was before a change. */
    public Duration visibility() {
        return longer(latencies.visibility(), staleReads);
    }

    /** The same of instance metadata. */
    public Duration metadata() {
        return longer(latencies.metadata(), metadataLag);
    }

    /** Lags that a fault adds; the longer of it and the ordinary one counts. */
    public void lags(Duration ofReads, Duration ofMetadata) {
        this.staleReads = ofReads;
        this.metadataLag = ofMetadata;
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    /** Attaches and detaches begun while set never end; issued again after it is cleared, they do. */
    public void stuck(boolean attaches, boolean detaches) {
        this.attachStuck = attaches;
        this.detachStuck = detaches;
    }

    /** While set the vSwitch has no free address to give. */
    public void exhaust(VSwitchId vSwitch, boolean isExhausted) {
        if (isExhausted) {
            exhausted.add(vSwitch);
        } else {
            exhausted.remove(vSwitch);
        }
    }

    public Set<VSwitchId> exhausted() {
        return Set.copyOf(exhausted);
    }

    public boolean exhausted(VSwitchId vSwitch) {
        return exhausted.contains(vSwitch);
    }

    Instant attachDue(Instant now, boolean member) {
        return attachStuck ? Instant.MAX : now.plus(member ? latencies.memberAttach() : latencies.attach());
    }

    Instant detachDue(Instant now) {
        return detachStuck ? Instant.MAX : now.plus(latencies.detach());
    }

    Instant deleteDue(Instant now) {
        return now.plus(latencies.delete());
    }

    Instant routeDue(Instant now) {
        return now.plus(latencies.route());
    }

    Duration addressing() {
        return latencies.addressing();
    }
}
