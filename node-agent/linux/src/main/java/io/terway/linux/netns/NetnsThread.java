package io.terway.linux.netns;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.ffm.Libc;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Runs one task in another network namespace: a fresh platform thread moves there, does it and dies, because a thread
 * that comes back to a pool in the wrong namespace would be everybody's bug. Sockets it opens stay in the namespace and
 * may be used from any thread.
 */
public final class NetnsThread {

    private NetnsThread() {}

    /**
     * Runs {@code task} in the namespace at {@code netns} and waits for it.
     *
     * @param netns such as {@code /run/netns/x} or {@code /proc/1/ns/net}
     * @throws KernelRefusal when the namespace cannot be opened or entered
     */
    public static <T> T call(Path netns, Supplier<T> task) {
        return onFreshThread("netns " + netns.getFileName(), () -> {
            try (NetnsFd fd = NetnsFd.open(netns)) {
                fd.enter();
                return task.get();
            }
        });
    }

    /** Runs {@code task} for its effect in the namespace at {@code netns}. */
    public static void run(Path netns, Runnable task) {
        call(netns, () -> {
            task.run();
            return null;
        });
    }

    /** Runs {@code task} in a new, empty network namespace that lives as long as the task or what it leaves behind. */
    public static <T> T callInNew(Supplier<T> task) {
        return onFreshThread("new netns", () -> {
            Libc.unshare(Libc.CLONE_NEWNET).orThrow("make a network namespace");
            return task.get();
        });
    }

    /** Runs {@code task} on a fresh platform thread in the process's own namespace: downcalls there pin no carrier. */
    public static <T> T onFreshThread(String name, Supplier<T> task) {
        FutureTask<T> future = new FutureTask<>(task::get);
        Thread.ofPlatform().daemon().name(name).start(future);
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get();
                } catch (InterruptedException e) {
                    // A half-made change is worse than a late answer: kernel work is short, so it is waited for.
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw asUnchecked(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException asUnchecked(Throwable cause) {
        switch (cause) {
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable t -> throw new AssertionError("a supplier threw a checked exception", t);
        }
    }
}
