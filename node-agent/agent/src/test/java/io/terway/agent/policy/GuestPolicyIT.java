package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.agent.apply.DebianGuest;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Policy on the datapaths whose links this machine's kernel may lack, with packets: {@link GuestPolicyLaws}. */
class GuestPolicyIT {

    private static final int BOOT_AND_RUN_SECONDS = 540;

    @Test
    @Timeout(600)
    void ipvlanAndVlanPodsAreUnderPolicyInAGuestKernel() throws IOException, InterruptedException {
        String said = DebianGuest.here().run(GuestPolicyLaws.class, BOOT_AND_RUN_SECONDS);

        Set<String> held = said.lines()
                .filter(line -> line.startsWith("HOLDS: "))
                .map(line -> line.substring("HOLDS: ".length()).strip())
                .collect(Collectors.toSet());
        assertEquals(GuestPolicyLaws.ALL, held, said);
    }
}
