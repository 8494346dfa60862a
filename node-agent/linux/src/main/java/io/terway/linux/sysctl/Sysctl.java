package io.terway.linux.sysctl;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Reads and writes kernel parameters. Those under {@code net/} are of the network namespace of the calling OS thread at
 * the moment of opening, so call from a {@code NetnsThread} for another one.
 */
public final class Sysctl {

    private static final Path ROOT = Path.of("/proc/sys");

    private Sysctl() {}

    /**
     * Its value without the line end; empty when the kernel has no such parameter (its link is gone, for example).
     *
     * @param key with slashes, because link names may contain dots: {@code net/ipv4/conf/eth0/rp_filter}
     */
    public static Optional<String> read(String key) {
        // Not Files.readString: of a file of size 0 it reads one byte first, and the kernel gives a number only at
        // once.
        try (InputStream file = Files.newInputStream(ROOT.resolve(key))) {
            return Optional.of(new String(file.readAllBytes(), StandardCharsets.US_ASCII).strip());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("read sysctl " + key, e);
        }
    }

    /** @throws UncheckedIOException naming the key and value when the kernel refuses or has no such parameter */
    public static void write(String key, String value) {
        try {
            Files.writeString(ROOT.resolve(key), value, StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException("set sysctl " + key + " to " + value, e);
        }
    }

    /** Writes only when the value differs; true when it wrote. */
    public static boolean ensure(String key, String value) {
        if (read(key).filter(value::equals).isPresent()) {
            return false;
        }
        write(key, value);
        return true;
    }
}
