package io.terway.ipam.cloud;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.Status;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.PoolCommand;
import io.terway.ipam.config.IpamConfig;
import io.terway.ipam.leader.LoopThread;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.wire.eni.v1.AddressesOutcome;
import io.terway.wire.eni.v1.AssignRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CloudCallsTest {

    private static final PoolCommand ASSIGN = new PoolCommand.AssignAddresses(
            1, new InstanceId("i-1"), new EniId("eni-1"), new PoolCommand.Counts(1, 0, 0, 0));

    private final ScriptedEniManager eniManager = new ScriptedEniManager();
    private final List<Long> seen = new ArrayList<>();
    private final CloudCalls calls = new CloudCalls(eniManager, seen::add);

    /** Answers assigns as the test says, and keeps the requests. */
    private static final class ScriptedEniManager extends EniManager {
        final BlockingQueue<AssignRequest> asked = new LinkedBlockingQueue<>();
        final BlockingQueue<Function<AssignRequest, AddressesOutcome>> script = new LinkedBlockingQueue<>();

        ScriptedEniManager() {
            super(null, config());
        }

        private static IpamConfig config() {
            return new SmallRyeConfigBuilder()
                    .addDiscoveredConverters()
                    .withMapping(IpamConfig.class)
                    .withSources(new PropertiesConfigSource(Map.of("terway.eni-manager", "127.0.0.1:1"), "test", 100))
                    .build()
                    .getConfigMapping(IpamConfig.class);
        }

        @Override
        public AddressesOutcome assign(AssignRequest request) {
            asked.add(request);
            try {
                return script.take().apply(request);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Not started: what it is told stays in its queue, to be counted. */
    private static LoopThread term(long term) {
        return new LoopThread(new IpamLoop(term), (_, _) -> {});
    }

    private AssignRequest asked() throws InterruptedException {
        return eniManager.asked.poll(10, TimeUnit.SECONDS);
    }

    private static void ended(LoopThread loop, int operations) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (loop.waiting() < operations) {
            assertTrue(System.nanoTime() < deadline, "the loop was not told");
            Thread.onSpinWait();
        }
    }

    @Test
    void theLoopHearsOfTheEndWhateverIsThrown() {
        LoopThread loop = term(1);
        eniManager.script.add(_ -> {
            throw new StackOverflowError("as the test says");
        });

        calls.run(loop, ASSIGN);

        ended(loop, 1);
        assertEquals(0, calls.open());
    }

    @Test
    void anUnknownOutcomeIsAskedForUnderTheSameId() throws InterruptedException {
        LoopThread loop = term(1);
        eniManager.script.add(_ -> {
            throw new IllegalStateException("as the test says");
        });
        calls.run(loop, ASSIGN);
        ended(loop, 1);

        calls.run(loop, ASSIGN);

        assertEquals(asked().getOperationId(), asked().getOperationId());
    }

    @Test
    void theLateEndOfAFormerTermLeavesTheSameNumberOfThisTermAlone() throws InterruptedException {
        LoopThread former = term(1);
        LoopThread now = term(2);
        calls.run(former, ASSIGN);
        AssignRequest first = asked();
        calls.ends(former);
        calls.begins(now);
        calls.run(now, ASSIGN);
        AssignRequest second = asked();
        assertNotEquals(first.getOperationId(), second.getOperationId());
        eniManager.script.add(request -> answer(request, first));
        eniManager.script.add(request -> answer(request, first));
        ended(former, 1);
        ended(now, 1);

        calls.run(now, ASSIGN);

        assertEquals(second.getOperationId(), asked().getOperationId());
    }

    /** Done for one of them, an unknown outcome for the other. */
    private static AddressesOutcome answer(AssignRequest request, AssignRequest done) {
        if (request.equals(done)) {
            return AddressesOutcome.getDefaultInstance();
        }
        throw Status.UNAVAILABLE.asRuntimeException();
    }

    @Test
    void aRequestCarriesTheTermOfItsLoop() throws InterruptedException {
        calls.run(term(7), ASSIGN);

        assertEquals(7, asked().getTerm());
    }

    @Test
    void aTermThatEniManagerHasSeenAboveOursReachesTheElection() {
        LoopThread loop = term(1);
        eniManager.script.add(_ -> {
            var trailers = new Metadata();
            trailers.put(CloudCalls.SEEN_TERM, "41");
            throw Status.FAILED_PRECONDITION.asRuntimeException(trailers);
        });

        calls.run(loop, ASSIGN);

        ended(loop, 1);
        assertEquals(List.of(41L), seen);
    }
}
