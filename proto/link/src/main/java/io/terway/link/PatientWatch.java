package io.terway.link;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ExceptionHandler;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * Lets a watch be tried for ever, its first list too, and says in one line what is in its way: a new cause at once, the same
 * one every {@link #QUIET}. The client itself would write a stack trace for each attempt.
 */
public final class PatientWatch implements ExceptionHandler {

    private static final Logger LOG = Logger.getLogger(PatientWatch.class);

    static final Duration QUIET = Duration.ofMinutes(5);

    private static final int LONGEST_CAUSE = 300;

    private final String what;
    private final Consumer<Throwable> listener;
    private final Consumer<String> log;
    private final InstantSource clock;
    private String said = ""; // guarded by this
    private Instant saidAt = Instant.MIN; // guarded by this

    /** @param what the objects that are followed, in the plural */
    public PatientWatch(String what) {
        this(what, _ -> {});
    }

    /** @param listener told of every failure */
    public PatientWatch(String what, Consumer<Throwable> listener) {
        this(what, listener, LOG::warn, InstantSource.system());
    }

    PatientWatch(String what, Consumer<Throwable> listener, Consumer<String> log, InstantSource clock) {
        this.what = what;
        this.listener = listener;
        this.log = log;
        this.clock = clock;
    }

    /** True when the API server does not know the kind: its custom resource is not installed. */
    public static boolean isAbsentKind(Throwable failure) {
        return failure instanceof KubernetesClientException e && e.getCode() == HttpURLConnection.HTTP_NOT_FOUND;
    }

    @Override
    public boolean retryAfterException(boolean started, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        say("cannot follow " + what + ": " + reason(cause) + "; it is tried again");
        listener.accept(cause);
        return true;
    }

    private synchronized void say(String line) {
        Instant now = clock.instant();
        if (!line.equals(said) || !now.isBefore(saidAt.plus(QUIET))) {
            said = line;
            saidAt = now;
            log.accept(line);
        }
    }

    private static String reason(Throwable failure) {
        if (isAbsentKind(failure)) {
            return "the API server does not know them (404); k8s/crds has the custom resources";
        }
        if (failure instanceof KubernetesClientException e && e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
            return "it is forbidden (403); the ClusterRole must let this account list and watch them, as in k8s/base";
        }
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String text = String.valueOf(root.getMessage() == null ? root : root.getMessage());
        return text.length() > LONGEST_CAUSE ? text.substring(0, LONGEST_CAUSE) : text;
    }
}
