package io.terway.linux.netns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.sysctl.Sysctl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NamedNetnsPrivilegedIT {

    private final Lab lab = Lab.open();

    @AfterEach
    void leaveNothing() {
        lab.close();
    }

    @Test
    void aTaskRunsInItsNamespaceAndLeavesTheCallerWhereItWas() {
        Path netns = lab.netns("a");
        Path before = currentNetns();

        Path inside = NetnsThread.call(netns, NamedNetnsPrivilegedIT::currentNetns);

        assertEquals(before, currentNetns());
        assertFalse(inside.equals(before));
    }

    @Test
    void sysctlsAreThoseOfTheCallersNamespace() {
        Path netns = lab.netns("a");
        String key = "net/ipv4/conf/all/rp_filter";
        String here = Sysctl.read(key).orElseThrow();
        String other = here.equals("2") ? "1" : "2";

        boolean wrote = NetnsThread.call(netns, () -> Sysctl.ensure(key, other));

        assertTrue(wrote);
        assertEquals(other, NetnsThread.call(netns, () -> Sysctl.read(key)).orElseThrow());
        assertEquals(here, Sysctl.read(key).orElseThrow());
        assertTrue(NetnsThread.call(netns, () -> Sysctl.read("net/ipv4/conf/none/rp_filter"))
                .isEmpty());
    }

    @Test
    void removalIsIdempotentAndTheNameIsFreeAgain() {
        Path netns = lab.netns("a");

        NamedNetns.remove(netns);
        NamedNetns.remove(netns);

        assertFalse(Files.exists(netns));
        NamedNetns.create(netns);
        KernelRefusal gone =
                assertThrows(KernelRefusal.class, () -> NetnsThread.run(netns.resolveSibling("b"), () -> {}));
        assertEquals(Errno.ENOENT, gone.errno());
    }

    @Test
    void failuresOfTheTaskReachTheCaller() {
        Path netns = lab.netns("a");

        assertThrows(
                ArithmeticException.class, () -> NetnsThread.run(netns, () -> Math.addExact(Integer.MAX_VALUE, 1)));
    }

    private static Path currentNetns() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
