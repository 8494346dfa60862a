package io.terway.agent.ipam;

import io.terway.agent.ledger.Ledger;
import io.terway.node.ledger.Witnesses;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Why no new address may be given out (rule 5): the ledger is damaged, or ipam-service does not believe it. Its word holds
 * until it welcomes the node, over restarts and while nobody answers: it is kept in a file beside the ledger. Any thread.
 */
public final class Quarantine {

    private static final Logger LOG = Logger.getLogger(Quarantine.class);
    private static final String NAME = "quarantine";

    private final Path file;
    private final Ledger ledger;
    private boolean kept; // guarded by this; the file says what word says
    private volatile String word;
    private volatile boolean welcomed;

    private Quarantine(Path file, Ledger ledger, String word) {
        this.file = file;
        this.ledger = ledger;
        this.word = word;
        this.kept = true;
    }

    /**
     * Takes up what was said before; a file that cannot be read is as bad as one that says why. A ledger that was just made
     * on a node with connected sandboxes is one that was lost.
     *
     * @param kernel what it has connected
     */
    public static Quarantine open(Path directory, Ledger ledger, Supplier<List<Witnesses.Connected>> kernel) {
        Path file = directory.resolve(NAME);
        Quarantine quarantine = new Quarantine(file, ledger, before(file));
        int connected = ledger.isNew() ? kernel.get().size() : 0;
        if (connected > 0 && quarantine.word.isEmpty()) {
            quarantine.impose("quarantined: there was no ledger in " + directory + ", and the kernel has " + connected
                    + " sandboxes connected; their addresses are accounted for first");
        }
        return quarantine;
    }

    private static String before(Path file) {
        try {
            String said = Files.exists(file) ? Files.readString(file).strip() : "";
            return said.isEmpty() && Files.exists(file) ? "quarantined, " + file + " does not say why" : said;
        } catch (IOException e) {
            return "quarantined: " + file + " is there but cannot be read: " + e.getMessage();
        }
    }

    /** For people; empty when all is well. */
    public String reason() {
        String damage = ledger.quarantine();
        String said = word;
        return damage.isEmpty() || said.isEmpty() ? damage + said : damage + "; " + said;
    }

    /**
     * True once ipam-service has welcomed the node with this ledger. Before that it may be a copy of an earlier day: whole,
     * and without those who came since.
     */
    public boolean isBelieved() {
        return welcomed && reason().isEmpty();
    }

    /** ipam-service refused the node's ledger. */
    synchronized void impose(String why) {
        if (kept && why.equals(word)) {
            return;
        }
        word = why;
        try {
            keep(why);
            kept = true;
        } catch (IOException e) {
            kept = false;
            LOG.errorf("a restart would forget that this node is %s: %s", why, e.getMessage());
        }
    }

    /** ipam-service welcomed the node: it believes the ledger. */
    synchronized void lift() {
        welcomed = true;
        if (word.isEmpty()) {
            return;
        }
        LOG.infof("no longer %s", word);
        word = "";
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.errorf("after a restart this node waits to be welcomed again, remove %s: %s", file, e.getMessage());
        }
    }

    private void keep(String why) throws IOException {
        Path next = file.resolveSibling(NAME + ".new");
        Files.writeString(next, why, StandardCharsets.UTF_8);
        sync(next, StandardOpenOption.WRITE);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(file.getParent(), StandardOpenOption.READ);
    }

    private static void sync(Path path, StandardOpenOption how) throws IOException {
        try (FileChannel channel = FileChannel.open(path, how)) {
            channel.force(true);
        }
    }
}
