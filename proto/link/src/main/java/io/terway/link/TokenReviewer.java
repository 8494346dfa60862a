package io.terway.link;

/** Judges bearer tokens. Two exist: {@link KubernetesTokens} asks the API server, tests have a table. */
public interface TokenReviewer {

    /**
     * Blocking; any thread.
     *
     * @param token as it came in the header, without "Bearer "
     */
    Review review(String token);

    /** What became of a token. */
    sealed interface Review {

        /** The token is good and this is who it stands for. */
        record Known(Caller caller) implements Review {}

        /** The token is not good, or stands for nobody we know; the reason is for the log and the caller. */
        record Refused(String reason) implements Review {}

        /** The API server could not say; another try may. */
        record Unanswered(String reason) implements Review {}
    }
}
