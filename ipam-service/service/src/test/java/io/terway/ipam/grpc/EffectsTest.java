package io.terway.ipam.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.ipam.IpamCommand;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.leader.LoopThread;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EffectsTest {

    @Test
    void aTermSeenAboveOursReachesTheElection() {
        List<Long> seen = new ArrayList<>();
        var effects = new Effects(null, null, null, null, null, null, null, null, null, null, seen::add);

        effects.accept(new LoopThread(new IpamLoop(1), effects), new IpamCommand.StepDown(9));

        assertEquals(List.of(9L), seen);
    }
}
