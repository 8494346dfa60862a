package io.terway.agent.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.cni.CniCode;
import io.terway.cni.CniFailure;
import io.terway.cni.CniReply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolIT {

    private final List<String> tried = new ArrayList<>();
    private boolean works;

    @TempDir
    Path directory;

    private CniReply handle(byte[] body) {
        tried.add(new String(body, StandardCharsets.UTF_8));
        return works ? CniReply.empty() : CniReply.of(new CniFailure(CniCode.TRY_LATER, "the kernel refuses"));
    }

    private int triesUpTo(Spool spool, long seconds) {
        for (long second = 0; second < seconds; second++) {
            spool.replay(TimeUnit.SECONDS.toNanos(second));
        }
        return tried.size();
    }

    @Test
    void aDelThatKeepsFailingIsTriedEverLessOften() throws IOException {
        Files.writeString(directory.resolve("1.del"), "one");
        try (Spool spool = new Spool(
                directory, this::handle, "boot-2", directory.getFileSystem().newWatchService())) {
            assertEquals(11, triesUpTo(spool, 1800), "5 s, doubled up to 5 min, within half an hour");
        }
    }

    @Test
    void aFailingDelDoesNotHoldUpAFreshOne() throws IOException {
        Files.writeString(directory.resolve("1.del"), "one");
        try (Spool spool = new Spool(
                directory, this::handle, "boot-2", directory.getFileSystem().newWatchService())) {
            spool.replay(0);
            works = true;
            Files.writeString(directory.resolve("2.del"), "two");
            spool.replay(1);
            assertEquals(List.of("one", "two"), tried);
            spool.replay(TimeUnit.SECONDS.toNanos(5));
            assertEquals(0, spool.size());
        }
    }

    /** Found by the simulation: the DEL ended what a sandbox of the same name had since the reboot. */
    @Test
    void aDelOfAnEarlierBootIsDropped() throws IOException {
        works = true;
        Files.writeString(directory.resolve("1-7.boot-1.del"), "of a sandbox that died with the boot");
        Files.writeString(directory.resolve("2-7.boot-2.del"), "of this boot");
        Files.writeString(directory.resolve("3-7..del"), "of a boot that could not be read");
        try (Spool spool = new Spool(
                directory, this::handle, "boot-2", directory.getFileSystem().newWatchService())) {
            spool.replay(0);

            assertEquals(List.of("of this boot", "of a boot that could not be read"), tried);
            assertEquals(0, spool.size());
        }
    }

    @Test
    void aDirectoryThatIsGoneIsAnEmptySpool() throws IOException {
        Path gone = Files.createDirectory(directory.resolve("spool"));
        try (Spool spool = new Spool(
                gone, this::handle, "boot-2", directory.getFileSystem().newWatchService())) {
            Files.delete(gone);
            assertEquals(0, spool.size());
        }
    }
}
