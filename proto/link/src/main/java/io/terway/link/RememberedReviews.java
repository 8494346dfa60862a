package io.terway.link;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
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

    /** 5,000 nodes, each with its token of now and of before, and some strangers. */
    static final int MOST = 16_384;

    static final Duration GOOD_FOR = Duration.ofMinutes(1);
    static final Duration REFUSED_FOR = Duration.ofSeconds(1);
    static final Duration GRACE = Duration.ofMinutes(10);

    private final TokenReviewer reviewer;
    private final LongSupplier nanos;
    private final Map<String, Remembered> entries; // guarded by this

    private record Remembered(TokenReviewer.Review review, long at) {}

    /** @param nanos a monotonic clock */
    public RememberedReviews(TokenReviewer reviewer, LongSupplier nanos) {
        this.reviewer = reviewer;
        this.nanos = nanos;
        entries = new LinkedHashMap<>(64, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
                return size() > MOST;
            }
        };
    }

    /** What is known without asking; empty: {@link #ask}. */
    public synchronized Optional<TokenReviewer.Review> known(String token) {
        Remembered entry = entries.get(digest(token));
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
                case TokenReviewer.Review.Known _, TokenReviewer.Review.Refused _ -> {
                    entries.put(key, new Remembered(now, nanos.getAsLong()));
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
                .filter(r -> r.review instanceof TokenReviewer.Review.Known)
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
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
