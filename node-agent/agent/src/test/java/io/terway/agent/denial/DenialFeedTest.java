package io.terway.agent.denial;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.node.denial.Denial;
import io.terway.node.ledger.PodLife;
import io.terway.node.policy.Direction;
import io.terway.node.policy.Flow;
import io.terway.wire.agent.v1.DenialNews;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DenialFeedTest {

    private static final Ip OWN = Ip.parse("10.0.0.1");
    private static final Ip REMOTE = Ip.parse("10.0.9.9");
    private static final PodLife POD = new PodLife(new PodRef("shop", "db"), "u");
    private static final Duration LONG = Duration.ofSeconds(30);

    private final List<Set<Ip>> asked = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private Optional<Map<Ip, Names.Holder>> answer = Optional.of(Map.of(REMOTE, new Names.Holder.OfNode("n2")));
    private final Names names = new Names(
            ip -> ip.equals(OWN) ? Optional.of(POD) : Optional.empty(),
            addresses -> {
                asked.add(Set.copyOf(addresses));
                return answer;
            },
            () -> now);
    private final DenialFeed feed = new DenialFeed(names);

    @AfterEach
    void stop() {
        feed.close();
    }

    private static Denial denial(int port) {
        return new Denial(Direction.INGRESS, new Flow(REMOTE, OWN, 6, port), List.of("shop/p"), false);
    }

    @Test
    void aSlowReaderLosesTheNewestAndIsToldHowMany() throws Exception {
        Watcher slow = feed.watch(new WatchFilter("", "")).orElseThrow();
        List<io.terway.wire.policy.v1.Denial> many = java.util.Collections.nCopies(
                Watcher.WAITING + 30, io.terway.wire.policy.v1.Denial.getDefaultInstance());

        slow.tell(many, 4);

        long read = 0;
        long lost = 0;
        for (DenialNews news = slow.next(LONG); read < Watcher.WAITING; news = slow.next(Duration.ZERO)) {
            read += news.getDenialsCount();
            lost += news.getLost();
        }
        assertEquals(Watcher.WAITING, read);
        assertEquals(34, lost);
    }

    @Test
    void onlySoManyMayWatchAndWhoLeavesMakesRoom() {
        List<Watcher> all = new ArrayList<>();
        Optional<Watcher> next = feed.watch(new WatchFilter("", ""));
        while (next.isPresent()) {
            all.add(next.get());
            next = feed.watch(new WatchFilter("", ""));
        }
        assertEquals(16, all.size());

        feed.leave(all.getFirst());

        assertTrue(feed.watch(new WatchFilter("", "")).isPresent());
    }

    @Test
    void nobodyIsAskedForNamesAndNothingIsKeptWhileNobodyWatches() throws Exception {
        feed.start();
        feed.accept(denial(1));
        Watcher watcher = feed.watch(new WatchFilter("", "")).orElseThrow();
        feed.accept(denial(2));

        assertEquals(2, watcher.next(LONG).getDenials(0).getPort());
        assertEquals(1, asked.size());
    }

    @Test
    void afloodIsCountedNotHeld() throws Exception {
        Watcher watcher = feed.watch(new WatchFilter("", "")).orElseThrow();
        for (int i = 0; i < 5_000; i++) {
            feed.accept(denial(7)); // more than may wait: nobody takes them yet
        }

        feed.start();

        DenialNews news = watcher.next(LONG);
        assertEquals(1, news.getDenialsCount());
        assertEquals(5_000, news.getDenials(0).getCount() + news.getLost());
    }

    @Test
    void ownPodsAreKnownOthersAreAskedForOnceInAWhile() {
        assertEquals(
                Map.of(OWN, new Names.Holder.OfPod(POD), REMOTE, new Names.Holder.OfNode("n2")),
                names.of(Set.of(OWN, REMOTE)));
        names.of(Set.of(REMOTE));
        assertEquals(List.of(Set.of(REMOTE)), asked);

        now = now.plusSeconds(31);
        names.of(Set.of(REMOTE));
        assertEquals(2, asked.size());
    }

    @Test
    void whoIsUnknownIsAskedForAgainSoonerAndAtOnceWhenNobodyAnswered() {
        answer = Optional.of(Map.of());
        names.of(Set.of(REMOTE));
        now = now.plusSeconds(11);
        names.of(Set.of(REMOTE));
        assertEquals(2, asked.size());

        now = now.plusSeconds(11);
        answer = Optional.empty();
        names.of(Set.of(REMOTE));
        names.of(Set.of(REMOTE));
        assertEquals(4, asked.size());
    }

    @Test
    void aFilterForAPodNeedsItsNamespace() {
        assertThrows(IllegalArgumentException.class, () -> new WatchFilter("", "web"));
    }
}
