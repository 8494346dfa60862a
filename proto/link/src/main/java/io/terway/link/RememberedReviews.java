package io.terway.link;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Remembers reviews by the digest of their token, so that a call costs no request: a good one for a minute, a refusal for
 * a second, which bounds what a stranger can make the API server do. While the API server does not answer, a good review
 * counts up to ten minutes longer, so that nodes known before go on being served.
 *
 * <p>Any thread. No token is kept.
 */
public final class RememberedReviews {

    /** 5,000 nodes, each with its tokens of now and of before. */
    static final int MOST = 16_384;

    /** Refusals have room of their own: strangers push out strangers, never a caller that is known. */
    static final int MOST_REFUSED = 1_024;

    static final Duration GOOD_FOR = Duration.ofMinutes(1);
    static final Duration REFUSED_FOR = Duration.ofSeconds(1);
    static final Duration GRACE = Duration.ofMinutes(10);

    private final TokenReviewer reviewer;
    private final LongSupplier nanos;
    private final Map<String, Remembered> entries = newestOf(MOST); // guarded by this
    private final Map<String, Remembered> refusals = newestOf(MOST_REFUSED); // guarded by this

    private record Remembered(TokenReviewer.Review review, long at) {}

    /** @param nanos a monotonic clock */
    public RememberedReviews(TokenReviewer reviewer, LongSupplier nanos) {
        this.reviewer = reviewer;
        this.nanos = nanos;
    }

    private static Map<String, Remembered> newestOf(int most) {
        return new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
                return size() > most;
            }
        };
    }

    /** What is known without asking; empty: {@link #ask}. */
    public synchronized Optional<TokenReviewer.Review> known(String token) {
        String key = digest(token);
        Remembered good = entries.get(key);
        Remembered entry = good == null ? refusals.get(key) : good;
        if (entry == null) {
            return Optional.empty();
        }
        long age = nanos.getAsLong() - entry.at;
        return age < lifeOf(entry.review).toNanos() ? Optional.of(entry.review) : Optional.empty();
    }

    /** Asks and remembers. Blocking. */
    public TokenReviewer.Review ask(String token) {
        TokenReviewer.Review now = answer(token);
        String key = digest(token);
        synchronized (this) {
            return switch (now) {
                case TokenReviewer.Review.Known _ -> {
                    refusals.remove(key);
                    entries.put(key, new Remembered(now, nanos.getAsLong()));
                    yield now;
                }
                case TokenReviewer.Review.Refused _ -> {
                    entries.remove(key);
                    refusals.put(key, new Remembered(now, nanos.getAsLong()));
                    yield now;
                }
                case TokenReviewer.Review.Unanswered _ ->
                    graceful(entries.get(key)).orElse(now);
            };
        }
    }

    /** A review that fails in any way is no answer: the call that waits for it must end. */
    private TokenReviewer.Review answer(String token) {
        try {
            return reviewer.review(token);
        } catch (RuntimeException e) {
            return new TokenReviewer.Review.Unanswered("the token could not be reviewed: " + e);
        }
    }

    private Optional<TokenReviewer.Review> graceful(Remembered before) {
        return Optional.ofNullable(before)
                .filter(r -> nanos.getAsLong() - r.at < GOOD_FOR.plus(GRACE).toNanos())
                .map(Remembered::review);
    }

    private static Duration lifeOf(TokenReviewer.Review review) {
        return switch (review) {
            case TokenReviewer.Review.Known _ -> GOOD_FOR;
            case TokenReviewer.Review.Refused _ -> REFUSED_FOR;
            case TokenReviewer.Review.Unanswered _ -> Duration.ZERO;
        };
    }

    private static String digest(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.ISO_8859_1));
            return new String(digest, StandardCharsets.ISO_8859_1); // a key for a map; nobody reads it
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
