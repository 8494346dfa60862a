package io.terway.ipam.leader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.ipam.Hello;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.NodeIdentity;
import io.terway.ipam.SessionId;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.NodeName;
import io.terway.net.ZoneId;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopThreadTest {

    /** The step of this event has two commands: the session's end and the step-down. */
    private static final IpamEvent FROM_THE_FUTURE = new IpamEvent.SessionOpened(
            new SessionId("s"),
            new Hello(
                    new NodeIdentity(new NodeName("n"), "uid", new InstanceId("i-n"), "ledger"),
                    "boot",
                    9,
                    0,
                    new ZoneId("z"),
                    new InstanceType("t")));

    @Test
    void aCommandThatFailsDoesNotKeepBackTheNext() throws InterruptedException {
        BlockingQueue<IpamCommand> done = new LinkedBlockingQueue<>();
        try (var thread = new LoopThread(new IpamLoop(1), (_, command) -> {
            if (command instanceof IpamCommand.EndSession) {
                throw new IllegalStateException("the stream has been cancelled");
            }
            done.add(command);
        })) {
            thread.start();

            thread.offer(FROM_THE_FUTURE);

            assertInstanceOf(IpamCommand.StepDown.class, done.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void aQuestionThatFailsFailsItsAskerAndNotTheLoop() throws Exception {
        try (var thread = new LoopThread(new IpamLoop(1), (_, _) -> {})) {
            thread.start();

            var answer = thread.ask(_ -> {
                throw new IllegalStateException("as the test says");
            });

            assertThrows(ExecutionException.class, () -> answer.get(10, TimeUnit.SECONDS));
            assertEquals(0, thread.ask(IpamLoop::sessions).get(10, TimeUnit.SECONDS));
            assertTrue(thread.alive());
        }
    }
}
