package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginWatchTest {

    @TempDir
    Path directory;

    private Path plugin;
    private Path list;
    private PluginWatch watch;
    private Duration now = Duration.ofHours(1);
    private boolean ownHostPorts;

    @BeforeEach
    void install() {
        plugin = directory.resolve("bin/terway");
        list = directory.resolve("net.d").resolve(PluginInstall.CONFLIST);
        watch = new PluginWatch(new PluginInstall(plugin.getParent(), list.getParent()));
        look();
    }

    private void look() {
        watch.look(ownHostPorts, now.toNanos());
    }

    private void pass(Duration time) {
        now = now.plus(time);
        look();
    }

    @Test
    void putsBackWhatWasDeleted() throws IOException {
        Files.delete(plugin);
        look();
        assertTrue(Files.isExecutable(plugin));
        pass(PluginWatch.LONGEST_PAUSE);
        Files.delete(list);
        pass(PluginWatch.LONGEST_PAUSE);
        assertTrue(Files.exists(list));
    }

    @Test
    void putsBackWhatWasChanged() throws IOException {
        String ours = Files.readString(list);
        Files.writeString(list, ours.replace("terway", "tarway")); // of the same length
        look();
        assertEquals(ours, Files.readString(list));
        pass(PluginWatch.LONGEST_PAUSE);
        plugin.toFile().setExecutable(false, false);
        look();
        assertTrue(Files.isExecutable(plugin));
    }

    @Test
    void chainsPortmapOnceItIsThere() throws IOException {
        assertFalse(Files.readString(list).contains("portmap"));
        Path portmap = Files.writeString(plugin.resolveSibling("portmap"), "portmap");
        portmap.toFile().setExecutable(true);
        look();
        assertTrue(Files.readString(list).contains("portmap"));
        assertEquals("portmap", Files.readString(portmap));
    }

    @Test
    void takesHostPortsOverWhenTheyBecomeOurs() throws IOException {
        ownHostPorts = true;
        look();
        assertTrue(Files.readString(list).contains("portMappings"));
        Files.delete(list);
        look();
        assertTrue(Files.exists(list), "a switch is no quarrel");
    }

    @Test
    void goesOnTryingWhereItCannotWrite() throws IOException {
        Files.delete(plugin);
        Path obstacle =
                Files.createDirectories(plugin.resolveSibling(".terway.new").resolve("in"));
        look();
        assertFalse(Files.exists(plugin));
        Files.delete(obstacle);
        look();
        assertTrue(Files.exists(plugin));
    }

    @Test
    void growsSlowerAgainstSomebodyWhoUndoesEveryRepair() throws IOException {
        int repairs = 0;
        for (int second = 0; second < 600; second++) {
            Files.deleteIfExists(list);
            pass(Duration.ofSeconds(1));
            repairs += Files.exists(list) ? 1 : 0;
        }
        assertTrue(repairs > 10 && repairs < 20, repairs + " repairs in ten minutes");
        pass(PluginWatch.LONGEST_PAUSE);
        pass(PluginWatch.QUIET);
        Files.delete(list);
        look();
        assertTrue(Files.exists(list), "after a quiet time at once");
    }

    @Test
    void leavesFilesOfOthersAloneWhateverTheySay() throws IOException {
        Path theirs = Files.writeString(list.resolveSibling("05-other.conflist"), "{\"name\":\"other\"}");
        Path backup = Files.move(list, list.resolveSibling(PluginInstall.CONFLIST + ".their_bak"));
        look();
        assertEquals("{\"name\":\"other\"}", Files.readString(theirs));
        try (Stream<Path> all = Files.list(list.getParent())) {
            assertEquals(3, all.count(), "theirs, ours, and what they made of ours: " + backup);
        }
    }
}
