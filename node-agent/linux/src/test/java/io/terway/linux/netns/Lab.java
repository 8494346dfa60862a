package io.terway.linux.netns;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.ffm.Libc;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Network namespaces of one test, bound in a directory of its own and gone when it is closed. */
public final class Lab implements AutoCloseable {

    private final Path directory;
    private final List<Path> namespaces = new ArrayList<>();

    private Lab(Path directory) {
        this.directory = directory;
    }

    /** Aborts the test where it may not make namespaces. */
    public static Lab open() {
        Lab lab;
        try {
            lab = new Lab(Files.createTempDirectory("terway-lab"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            lab.netns("probe");
        } catch (KernelRefusal e) {
            lab.close();
            Assumptions.abort("privilege: needs root or CAP_SYS_ADMIN to make network namespaces: " + e.getMessage());
        }
        return lab;
    }

    /** False where this user may not make namespaces, so that the agent as a whole cannot run. */
    public static boolean permitted() {
        try {
            NetnsThread.callInNew(() -> true);
            return true;
        } catch (KernelRefusal e) {
            return false;
        }
    }

    /** A new namespace of this name. */
    public Path netns(String name) {
        Path path = NamedNetns.create(directory.resolve(name));
        namespaces.add(path);
        return path;
    }

    /** Removes one before the end. */
    public void remove(Path netns) {
        NamedNetns.remove(netns);
    }

    /** What a program prints when it runs in a namespace; the independent witness. Aborts when it is not installed. */
    public static String output(Path netns, String... command) {
        List<String> line = new ArrayList<>(List.of("nsenter", "--net=" + netns));
        line.addAll(Arrays.asList(command));
        try {
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes());
            if (process.waitFor() == 127) {
                Assumptions.abort("package: needs " + command[0]);
            }
            return text;
        } catch (IOException e) {
            return Assumptions.abort("package: needs nsenter (util-linux)");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        namespaces.forEach(NamedNetns::remove);
        // prepare() bound the directory to itself.
        Libc.unmount(directory.toString(), Libc.MNT_DETACH);
        try {
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
