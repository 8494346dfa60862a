package io.terway.agent.apply;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.NetnsThread;
import io.terway.linux.nft.Nft;
import io.terway.linux.nft.NftResult;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.NftTable;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * One nftables table that says something of several pods: compared as a whole, and where it differs replaced in one
 * transaction; what one pod changes may be done alone. Any thread; one at a time, because what is wanted must be in force
 * before the next one looks at it.
 */
final class NodeTable {

    private final Path netns;
    private final String name;
    private final Function<Set<SandboxKey>, Optional<NftTable>> wanted;

    /** Cut off, though the ledger still books them; forgotten when they come again. Bounded by the node's sandboxes. */
    private final Set<SandboxKey> leaving = new HashSet<>(); // guarded by this

    private boolean absent; // it was seen not to be there, and nobody has made it since; guarded by this

    /** @param wanted the table without those who leave; empty when there shall be none */
    NodeTable(Path netns, String name, Function<Set<SandboxKey>, Optional<NftTable>> wanted) {
        this.netns = netns;
        this.name = name;
        this.wanted = wanted;
    }

    synchronized void enter(SandboxKey key) {
        leaving.remove(key);
        apply();
    }

    synchronized void leave(SandboxKey key) {
        leaving.add(key);
        apply();
    }

    /** What the pod changes, alone: commands that the kernel takes only where the table is there and fits. */
    synchronized void enter(SandboxKey key, String commands) {
        leaving.remove(key);
        change(commands);
    }

    /** @param commands what goes with the pod, by who is leaving; empty when nothing does */
    synchronized void leave(SandboxKey key, Function<Set<SandboxKey>, String> commands) {
        leaving.add(key);
        change(commands.apply(Set.copyOf(leaving)));
    }

    private void change(String commands) {
        if (commands.isEmpty() || absent && wanted.apply(Set.copyOf(leaving)).isEmpty()) {
            return;
        }
        if (NetnsThread.call(netns, () -> Nft.runHere(commands)) instanceof NftResult.Rejected) {
            apply();
        }
        absent = false;
    }

    /** Those that are booked no more need not be remembered. */
    synchronized void booked(Set<SandboxKey> keys) {
        leaving.retainAll(keys);
    }

    /** What differed, and does no longer. */
    synchronized Optional<String> apply() {
        Optional<NftTable> table = wanted.apply(Set.copyOf(leaving));
        if (table.isEmpty() && absent) {
            return Optional.empty();
        }
        Optional<String> listing = listing(netns, name);
        absent = table.isEmpty();
        if (table.isEmpty()) {
            listing.ifPresent(_ -> run(netns, name, "delete table " + name));
            return listing.map(_ -> "nft table " + name + " is left over");
        }
        if (listing.filter(found -> isSame(found, table.get())).isPresent()) {
            return Optional.empty();
        }
        put(netns, table.get());
        return Optional.of("nft table " + name + " is missing or differs");
    }

    synchronized boolean isInPlace() {
        Optional<NftTable> table = wanted.apply(Set.copyOf(leaving));
        return table.isEmpty()
                || listing(netns, name)
                        .filter(found -> isSame(found, table.get()))
                        .isPresent();
    }

    /** True when this namespace has exactly this table. */
    static boolean has(Path netns, NftTable table) {
        return listing(netns, table.name())
                .filter(found -> isSame(found, table))
                .isPresent();
    }

    static void put(Path netns, NftTable table) {
        String clear = "add table " + table.name() + "\ndelete table " + table.name() + "\n";
        run(netns, table.name(), clear + table.listing() + "\n");
    }

    /** nft breaks long lists of elements into lines. */
    private static boolean isSame(String found, NftTable table) {
        return words(found).equals(words(table.listing()));
    }

    private static String words(String listing) {
        return listing.strip().replaceAll("\\s+", " ");
    }

    /** As nft lists it; empty when it is not there. */
    static Optional<String> listing(Path netns, String name) {
        return NetnsThread.call(netns, () -> switch (Nft.runHere("list table " + name)) {
            case NftResult.Applied(String listing) -> Optional.of(listing);
            case NftResult.Rejected _ -> Optional.<String>empty();
        });
    }

    private static void run(Path netns, String name, String commands) {
        NftResult result = NetnsThread.call(netns, () -> Nft.runHere(commands));
        if (result instanceof NftResult.Rejected(String reason)) {
            throw new KernelRefusal("put nft table " + name, Errno.EINVAL, reason);
        }
    }
}
