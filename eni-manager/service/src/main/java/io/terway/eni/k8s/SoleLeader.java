package io.terway.eni.k8s;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Leads alone and always, term 1: a single run without Kubernetes. */
public final class SoleLeader implements Leader {

    @Override
    public long term() {
        return 1;
    }

    @Override
    public Duration remaining() {
        return Duration.ofDays(1);
    }

    @Override
    public void close(BooleanSupplier idle) {}
}
