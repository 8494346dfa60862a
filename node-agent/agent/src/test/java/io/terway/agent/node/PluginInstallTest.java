package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginInstallTest {

    @TempDir
    Path directory;

    private Path binaries;
    private Path configurations;

    @BeforeEach
    void directories() {
        binaries = directory.resolve("bin");
        configurations = directory.resolve("net.d");
    }

    private void install() throws IOException {
        new PluginInstall(binaries, configurations).install(false);
    }

    private static Set<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void installsAnExecutableAndTheListThatNamesIt() throws IOException {
        install();
        assertTrue(Files.isExecutable(binaries.resolve("terway")));
        assertTrue(
                Files.readString(configurations.resolve(PluginInstall.CONFLIST)).contains("\"type\": \"terway\""));
        assertEquals(Set.of("terway"), names(binaries));
        assertEquals(Set.of(PluginInstall.CONFLIST), names(configurations));
    }

    @Test
    void leavesWhatIsInstalledUntouched() throws IOException {
        install();
        FileTime before = FileTime.fromMillis(1);
        Files.setLastModifiedTime(binaries.resolve("terway"), before);
        Files.setLastModifiedTime(configurations.resolve(PluginInstall.CONFLIST), before);
        install();
        assertEquals(before, Files.getLastModifiedTime(binaries.resolve("terway")));
        assertEquals(before, Files.getLastModifiedTime(configurations.resolve(PluginInstall.CONFLIST)));
    }

    @Test
    void goesOnWhereAKilledAgentStopped() throws IOException {
        install();
        byte[] plugin = Files.readAllBytes(binaries.resolve("terway"));
        Files.write(binaries.resolve(".terway.new"), new byte[] {0x7f, 'E'}); // half a file
        Files.writeString(binaries.resolve("terway"), "of the release before");
        install();
        assertEquals(-1, Files.mismatch(binaries.resolve("terway"), Files.write(directory.resolve("p"), plugin)));
        assertEquals(Set.of("terway"), names(binaries));
    }

    @Test
    void makesThePluginExecutableAgain() throws IOException {
        install();
        binaries.resolve("terway").toFile().setExecutable(false, false);
        install();
        assertTrue(Files.isExecutable(binaries.resolve("terway")));
    }

    @Test
    void keepsTheLastGoodOneWhereItCannotWrite() throws IOException {
        install();
        Files.writeString(binaries.resolve("terway"), "of the release before");
        Files.createDirectories(binaries.resolve(".terway.new/in/the/way"));
        assertThrows(IOException.class, this::install);
        assertEquals("of the release before", Files.readString(binaries.resolve("terway")));
        assertTrue(Files.exists(configurations.resolve(PluginInstall.CONFLIST)));
    }

    @Test
    void installsNoListWithoutItsPlugin() throws IOException {
        Files.writeString(binaries, "not a directory");
        assertThrows(IOException.class, this::install);
        assertFalse(Files.exists(configurations));
    }

    @Test
    void touchesNoFileOfOthers() throws IOException {
        Files.createDirectories(binaries);
        Files.createDirectories(configurations);
        Path list = Files.writeString(configurations.resolve("05-other.conflist"), "{\"name\":\"other\"}");
        Path portmap = Files.writeString(binaries.resolve("portmap"), "portmap");
        install();
        assertEquals("{\"name\":\"other\"}", Files.readString(list));
        assertEquals("portmap", Files.readString(portmap));
        assertEquals(Set.of("terway", "portmap"), names(binaries));
        assertEquals(Set.of("05-other.conflist", PluginInstall.CONFLIST), names(configurations));
    }

    @Test
    void writesThroughNoLink() throws IOException {
        Path theirs = Files.writeString(directory.resolve("theirs"), "theirs");
        Files.createDirectories(binaries);
        Files.createSymbolicLink(binaries.resolve(".terway.new"), theirs);
        Files.createSymbolicLink(binaries.resolve("terway"), theirs);
        install();
        assertEquals("theirs", Files.readString(theirs));
        assertFalse(Files.isSymbolicLink(binaries.resolve("terway")));
    }

    @Test
    void hostPortsAreAskedOfPortmapOrOfUsNeverOfBoth() throws IOException {
        Files.createDirectories(binaries);
        Files.createFile(binaries.resolve("portmap")).toFile().setExecutable(true);
        PluginInstall plugin = new PluginInstall(binaries, configurations);

        plugin.install(false);
        String theirs = Files.readString(configurations.resolve(PluginInstall.CONFLIST));
        plugin.install(true);
        String ours = Files.readString(configurations.resolve(PluginInstall.CONFLIST));

        String mappings = "\"capabilities\": {\"portMappings\": true}}";
        assertTrue(theirs.contains("{\"type\": \"terway\"},\n    {\"type\": \"portmap\", " + mappings), theirs);
        assertTrue(ours.contains("{\"type\": \"terway\", " + mappings) && !ours.contains("portmap\""), ours);
    }
}
