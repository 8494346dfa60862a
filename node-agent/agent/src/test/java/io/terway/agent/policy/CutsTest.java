package io.terway.agent.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.net.Ip;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the kernel will not end at first is ended later. */
class CutsTest {

    private static final Path NODE = Path.of("/");
    private static final Path POD = Path.of("/tmp");
    private static final Ip GONE = Ip.parse("10.0.0.7");
    private static final Ip STAYS = Ip.parse("10.0.0.8");
    private static final Ip ELSE = Ip.parse("10.0.1.1");

    private final Kernel kernel = new Kernel();
    private final Cuts cuts = new Cuts(kernel, NODE, () -> List.of(POD), Duration.ofMillis(1));

    @AfterEach
    void end() {
        cuts.close();
    }

    @Test
    void addressesSurviveAsManyFailuresAsTheKernelLikes() throws InterruptedException {
        kernel.refusals = Cuts.LOUD_AFTER + 2;
        kernel.tracked.addAll(List.of(entry(GONE, ELSE), entry(ELSE, GONE), entry(STAYS, ELSE)));
        cuts.forget(Set.of(GONE));
        cuts.start();

        assertTrue(kernel.ended.await(1, TimeUnit.MINUTES));

        assertEquals(List.of(STAYS), kernel.from());
        assertTrue(PacketLab.await(() -> cuts.owed() == 0 && cuts.total() == 2));
    }

    @Test
    void whatIsOwedIsToldWhileTheKernelRefuses() {
        kernel.refusals = Integer.MAX_VALUE;
        cuts.forget(Set.of(GONE, STAYS));
        cuts.start();

        assertTrue(PacketLab.await(() -> cuts.owed() == 2));
    }

    @Test
    void anAddressThatIsTakenAgainKeepsItsNewConnections() throws InterruptedException {
        kernel.tracked.addAll(List.of(entry(GONE, ELSE), entry(STAYS, ELSE)));
        cuts.forget(Set.of(GONE, STAYS));

        cuts.settle(Set.of(GONE));
        kernel.track(entry(ELSE, GONE));
        cuts.start();

        assertTrue(PacketLab.await(() -> cuts.total() == 2));
        assertEquals(List.of(ELSE), kernel.from());
    }

    private static ConntrackEntry entry(Ip from, Ip to) {
        return new ConntrackEntry(from, to, to, 6, 40_000, 80, 0, null);
    }

    /** Tracks connections, and refuses as often as it is told to. */
    private static final class Kernel implements TrackedConnections {

        private final List<ConntrackEntry> tracked = new ArrayList<>();
        private final CountDownLatch ended = new CountDownLatch(1);
        private int refusals;

        @Override
        public synchronized int end(Path where, Predicate<ConntrackEntry> doomed) {
            if (refusals-- > 0) {
                throw new KernelRefusal("list tracked connections", Errno.EBUSY, "");
            }
            int before = tracked.size();
            tracked.removeIf(doomed);
            ended.countDown();
            return before - tracked.size();
        }

        @Override
        public Set<Ip> ownAddresses(Path where) {
            return Set.of();
        }

        private synchronized void track(ConntrackEntry entry) {
            tracked.add(entry);
        }

        private synchronized List<Ip> from() {
            return tracked.stream().map(ConntrackEntry::from).toList();
        }
    }
}
