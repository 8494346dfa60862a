package io.terway.link;

import java.util.Optional;

/** The API server's view of one Lease: optimistic concurrency, outages, answers lost after the write happened. */
final class LeaseModel implements LeaseStore {
    boolean down;
    boolean loseAnswer;
    Runnable beforeWrite = () -> {};
    private LeaseRecord stored;
    private long versions;

    @Override
    public synchronized Optional<LeaseRecord> read() {
        outage();
        return Optional.ofNullable(stored);
    }

    @Override
    public synchronized Optional<LeaseRecord> write(LeaseRecord next) {
        outage();
        beforeWrite.run();
        String current = stored == null ? "" : stored.version();
        if (!current.equals(next.version())) {
            return Optional.empty();
        }
        stored = new LeaseRecord(Long.toString(++versions), next.holder(), next.term(), next.duration());
        if (loseAnswer) {
            throw new IllegalStateException("answer lost");
        }
        return Optional.of(stored);
    }

    synchronized void delete() {
        stored = null;
    }

    private void outage() {
        if (down) {
            throw new IllegalStateException("API server down");
        }
    }
}
