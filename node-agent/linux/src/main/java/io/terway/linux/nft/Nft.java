package io.terway.linux.nft;

import io.terway.linux.ffm.Downcall;
import io.terway.linux.netlink.NftSize;
import io.terway.linux.netns.NetnsFd;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * nftables of one network namespace. libnftables is not thread-safe and looks link names up in its thread's namespace,
 * so one owner thread lives there and runs every transaction; callers from any thread wait for theirs.
 */
public final class Nft implements AutoCloseable {

    /** Transactions that may wait; beyond it callers are told, because each holds a caller. */
    static final int WAITING = 1024;

    /** The kernel keeps this much of a thread's name. */
    private static final int TASK_COMM = 15;

    private final ThreadPoolExecutor owner;
    private final NftLibrary library;
    private final MemorySegment context;

    private Nft(Optional<Path> netns) {
        library = NftLibrary.shared();
        owner = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING),
                task -> Thread.ofPlatform().daemon().name(threadName(netns)).unstarted(task));
        try {
            context = onOwner(() -> {
                netns.ifPresent(Nft::enter);
                return library.create();
            });
        } catch (RuntimeException e) {
            owner.shutdown();
            throw e;
        }
    }

    /** What the kernel calls the thread that changes nftables of the namespace at {@code netns}. */
    public static String threadName(Path netns) {
        return threadName(Optional.of(netns));
    }

    private static String threadName(Optional<Path> netns) {
        String name = "nft " + netns.map(n -> n.getFileName().toString()).orElse("here");
        return name.length() <= TASK_COMM ? name : name.substring(0, TASK_COMM);
    }

    /** Every foreign function used here, for the native image's metadata. */
    public static List<Downcall> downcalls() {
        return NftLibrary.downcalls();
    }

    /** nftables of the process's namespace. */
    public static Nft open() {
        return new Nft(Optional.empty());
    }

    /** nftables of the namespace at {@code netns}. */
    public static Nft open(Path netns) {
        return new Nft(Optional.of(netns));
    }

    /**
     * Runs commands in the calling thread's namespace, with a context of their own: for a namespace that is seldom
     * written to.
     */
    public static NftResult runHere(String commands) {
        NftLibrary library = NftLibrary.shared();
        MemorySegment context = library.create();
        try {
            return library.run(context, commands);
        } finally {
            library.free(context);
        }
    }

    /**
     * All rules of the calling thread's namespace, without counters and without the elements of named sets. For namespaces
     * whose owner is not trusted: what is there is measured before the library reads it into this process's memory.
     *
     * @param most bytes of rules, as the kernel keeps them and as text
     * @return {@code Rejected} when they are more
     */
    public static NftResult rulesHere(int most) {
        if (NftSize.exceedsHere(most)) {
            return new NftResult.Rejected("the rules are more than " + most + " bytes");
        }
        NftLibrary library = NftLibrary.shared();
        MemorySegment context = library.create();
        try {
            return library.rules(context, most);
        } finally {
            library.free(context);
        }
    }

    /**
     * Runs commands in nft's text or JSON syntax as one transaction: all of them or none.
     *
     * @throws RejectedExecutionException when {@link #WAITING} transactions wait already
     */
    public NftResult run(String commands) {
        return onOwner(() -> library.run(context, commands));
    }

    /**
     * A table with everything in it, in nft's JSON.
     *
     * @param table family and name
     * @return {@code Rejected} when there is no such table
     */
    public NftResult list(String table) {
        String[] words = table.split(" ", 2);
        String command = "{\"nftables\": [{\"list\": {\"table\": {\"family\": \"" + words[0] + "\", \"name\": \""
                + words[1] + "\"}}}]}";
        return onOwner(() -> {
            library.json(context, true);
            try {
                return library.run(context, command);
            } finally {
                library.json(context, false);
            }
        });
    }

    @Override
    public void close() {
        onOwner(() -> {
            library.free(context);
            return true;
        });
        owner.shutdown();
    }

    private <T> T onOwner(Supplier<T> task) {
        try {
            return CompletableFuture.supplyAsync(task, owner).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }

    private static void enter(Path netns) {
        try (NetnsFd fd = NetnsFd.open(netns)) {
            fd.enter();
        }
    }
}
