package io.terway.linux.sysctl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SysctlTest {

    @Test
    void readsANumberOfSeveralDigitsWhole() throws IOException {
        String number = Files.readAllLines(Path.of("/proc/sys/net/ipv4/neigh/default/gc_thresh3"))
                .getFirst();
        assertEquals(Optional.of(number), Sysctl.read("net/ipv4/neigh/default/gc_thresh3"));
    }

    @Test
    void knowsNothingOfAParameterThatIsNotThere() {
        assertEquals(Optional.empty(), Sysctl.read("net/ipv4/conf/no-such-link/rp_filter"));
    }
}
