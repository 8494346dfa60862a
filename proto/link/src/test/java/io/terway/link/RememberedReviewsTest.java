package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.link.TokenReviewer.Review;
import io.terway.net.NodeName;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RememberedReviewsTest {

    private static final Review NODE_1 = new Review.Known(new Caller.NodeAgent(new NodeName("node-1")));

    private long now = 1_000;
    private int asked;
    private Review answer = NODE_1;

    private final RememberedReviews reviews = new RememberedReviews(
            token -> {
                asked++;
                return answer;
            },
            () -> now);

    @Test
    void goodReviewCountsForAMinute() {
        reviews.ask("a");
        now += RememberedReviews.GOOD_FOR.toNanos() - 1;
        assertEquals(Optional.of(NODE_1), reviews.known("a"));
        now += 1;
        assertEquals(Optional.empty(), reviews.known("a"));
    }

    @Test
    void refusalCountsForASecondOnly() {
        answer = new Review.Refused("expired");
        reviews.ask("a");
        assertEquals(Optional.of(answer), reviews.known("a"));
        now += RememberedReviews.REFUSED_FOR.toNanos();
        assertEquals(Optional.empty(), reviews.known("a"));
    }

    @Test
    void oneTokenSaysNothingOfAnother() {
        reviews.ask("a");
        assertEquals(Optional.empty(), reviews.known("b"));
    }

    @Test
    void knownCallerOutlivesAnApiServerThatDoesNotAnswer() {
        reviews.ask("a");
        now += RememberedReviews.GOOD_FOR.toNanos() + 1;
        answer = new Review.Unanswered("down");
        assertEquals(NODE_1, reviews.ask("a"));
        now += RememberedReviews.GRACE.toNanos();
        assertInstanceOf(Review.Unanswered.class, reviews.ask("a"));
    }

    @Test
    void refusedTokenGetsNoGrace() {
        reviews.ask("a");
        answer = new Review.Refused("revoked");
        reviews.ask("a");
        answer = new Review.Unanswered("down");
        assertInstanceOf(Review.Unanswered.class, reviews.ask("a"));
    }

    @Test
    void strangersPushOutNoKnownCaller() {
        reviews.ask("a");
        answer = new Review.Refused("stranger");
        for (int i = 0; i <= RememberedReviews.MOST; i++) {
            reviews.ask("token " + i);
        }
        assertEquals(Optional.of(NODE_1), reviews.known("a"));
        assertEquals(Optional.empty(), reviews.known("token 0"));
        assertEquals(Optional.of(answer), reviews.known("token " + RememberedReviews.MOST));
    }

    @Test
    void memoryIsBoundedAndKeepsTheLatest() {
        for (int i = 0; i <= RememberedReviews.MOST; i++) {
            reviews.ask("token " + i);
        }
        assertEquals(Optional.empty(), reviews.known("token 0"));
        assertEquals(Optional.of(NODE_1), reviews.known("token " + RememberedReviews.MOST));
        assertEquals(RememberedReviews.MOST + 1, asked);
    }
}
