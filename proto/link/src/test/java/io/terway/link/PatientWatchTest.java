package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class PatientWatchTest {

    private final List<String> log = new ArrayList<>();
    private final List<Throwable> heard = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private final PatientWatch watch = new PatientWatch("NodeNetInfos", heard::add, log::add, () -> now);

    private static KubernetesClientException answered(int code) {
        return new KubernetesClientException("no", code, null);
    }

    @Test
    void isTriedAgainWhateverHappens() {
        assertTrue(watch.retryAfterException(false, answered(404)));
        assertTrue(watch.retryAfterException(true, new IOException("reset")));

        assertEquals(2, heard.size());
    }

    @Test
    void kindThatIsNotInstalledIsOneLineThatSaysWhereItIs() {
        watch.retryAfterException(false, answered(404));
        watch.retryAfterException(false, new CompletionException(answered(404)));

        assertEquals(
                List.of("cannot follow NodeNetInfos: the API server does not know them (404); k8s/crds has the custom"
                        + " resources; it is tried again"),
                log);
        assertTrue(heard.stream().allMatch(PatientWatch::isAbsentKind), "unwrapped");
    }

    @Test
    void anotherCauseIsSaidAtOnceAndTheSameAfterAWhile() {
        var down = new KubernetesClientException("x", new ConnectException("Connection refused"));
        watch.retryAfterException(true, down);
        watch.retryAfterException(true, answered(403));
        assertEquals(2, log.size());

        now = now.plus(PatientWatch.QUIET).minusMillis(1);
        watch.retryAfterException(true, answered(403));
        assertEquals(2, log.size());

        now = now.plusMillis(1);
        watch.retryAfterException(true, answered(403));

        assertEquals("cannot follow NodeNetInfos: Connection refused; it is tried again", log.getFirst());
        assertEquals(log.get(1), log.get(2));
        assertTrue(log.get(2).contains("ClusterRole"), log.get(2));
    }

    @Test
    void aLongAnswerIsCut() {
        watch.retryAfterException(true, new IOException("x".repeat(10_000)));

        assertTrue(log.getFirst().length() < 400);
    }
}
