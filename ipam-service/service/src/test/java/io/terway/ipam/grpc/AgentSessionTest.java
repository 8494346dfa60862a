package io.terway.ipam.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.ipam.IpamEvent;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.SessionId;
import io.terway.ipam.leader.LoopThread;
import io.terway.link.ModelStream;
import io.terway.wire.ipam.v1.AgentMessage;
import io.terway.wire.ipam.v1.Hello;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AgentSessionTest {

    @Test
    void theEndOfASessionReachesAFullLoop() throws Exception {
        try (var loop = new LoopThread(new IpamLoop(1), (_, _) -> {})) {
            var session = new AgentSession(new SessionId("s"), loop, new Outbox(ModelStream.hungUp()), () -> {});
            session.onNext(AgentMessage.newBuilder()
                    .setHello(Hello.newBuilder()
                            .setNodeName("n")
                            .setNodeUid("uid")
                            .setInstanceId("i-n")
                            .setLedgerId("ledger")
                            .setBootId("boot")
                            .setZone("z")
                            .setInstanceType("t")
                            .setRegion("r"))
                    .build());
            while (loop.offer(new IpamEvent.Tick())) {
                assertTrue(loop.waiting() > 0);
            }

            session.onCompleted();

            loop.start();
            eventuallyEmpty(loop);
        }
    }

    private static void eventuallyEmpty(LoopThread loop) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        int sessions = -1;
        while (sessions != 0 && System.nanoTime() < deadline) {
            try {
                sessions = loop.ask(IpamLoop::sessions).get(1, TimeUnit.SECONDS);
            } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
                sessions = -1; // still full
            }
        }
        assertEquals(0, sessions);
    }
}
