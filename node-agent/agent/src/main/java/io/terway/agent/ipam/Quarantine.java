package io.terway.agent.ipam;

import io.terway.agent.ledger.Ledger;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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

    private Quarantine(Path file, Ledger ledger, String word) {
        this.file = file;
        this.ledger = ledger;
        this.word = word;
        this.kept = true;
    }

    /** Takes up what was said before; a file that cannot be read is as bad as one that says why. */
    public static Quarantine open(Path directory, Ledger ledger) {
        Path file = directory.resolve(NAME);
        return new Quarantine(file, ledger, before(file));
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
