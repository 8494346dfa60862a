package io.terway.agent.ledger;

import io.terway.node.ledger.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** A real file system some of whose operations fail for as long as a test wants. */
public final class BrittleDisk implements Disk {

    /** What can fail. */
    public enum Fault {
        /** A write stops half-way. */
        FULL,
        /** A file cannot be cut. */
        NO_TRUNCATE,
        /** A directory cannot be synced. */
        NO_DIRECTORY_SYNC
    }

    private final Disk real = new FileDisk();
    private volatile Runnable step = () -> {};
    private final Set<Fault> faults = EnumSet.noneOf(Fault.class);

    /** A ledger on this disk. */
    public Ledger open(Path directory, BootClock clock) {
        return Ledger.open(directory, clock, this);
    }

    public synchronized void suffer(Fault... now) {
        faults.clear();
        faults.addAll(Arrays.asList(now));
    }

    /** Runs before and after each operation that changes something. */
    public void watch(Runnable hook) {
        step = hook;
    }

    private synchronized boolean has(Fault fault) {
        return faults.contains(fault);
    }

    private final class BrittleHandle implements Handle {

        private final Handle handle;

        BrittleHandle(Handle handle) {
            this.handle = handle;
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            if (has(Fault.FULL)) {
                handle.write(Arrays.copyOf(bytes, bytes.length / 2));
                throw new IOException("No space left on device");
            }
            step.run();
            handle.write(bytes);
            step.run();
        }

        @Override
        public void truncate(long length) throws IOException {
            if (has(Fault.NO_TRUNCATE)) {
                throw new IOException("Input/output error");
            }
            handle.truncate(length);
        }

        @Override
        public void sync() throws IOException {
            handle.sync();
            step.run();
        }

        @Override
        public void close() throws IOException {
            handle.close();
        }
    }

    @Override
    public Handle open(Path path) throws IOException {
        return new BrittleHandle(real.open(path));
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        step.run();
        real.move(from, to);
        step.run();
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (has(Fault.NO_DIRECTORY_SYNC)) {
            throw new IOException("Input/output error");
        }
        real.syncDirectory(directory);
    }
}
