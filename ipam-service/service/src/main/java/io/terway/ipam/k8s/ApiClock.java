package io.terway.ipam.k8s;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** The API server's clock, read from the Date of its answers. Blocking. */
public final class ApiClock {

    private static final Logger LOG = Logger.getLogger(ApiClock.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration ASK_AGAIN = Duration.ofMinutes(5);

    private final KubernetesClient client;
    private Optional<Reading> last = Optional.empty(); // guarded by this

    private record Reading(Instant at, long nanos) {

        Duration age() {
            return Duration.ofNanos(System.nanoTime() - nanos);
        }
    }

    public ApiClock(KubernetesClient client) {
        this.client = client;
    }

    /** Its time now, from an answer of the last minutes; ours where it does not say. */
    synchronized Instant now() {
        if (last.filter(reading -> reading.age().compareTo(ASK_AGAIN) < 0).isEmpty()) {
            ask();
        }
        return last.map(reading -> reading.at().plus(reading.age())).orElseGet(Instant::now);
    }

    /** Its time by an answer of right now; empty when there is none. */
    synchronized Optional<Instant> ask() {
        last = read().map(at -> new Reading(at, System.nanoTime()));
        return last.map(Reading::at);
    }

    private Optional<Instant> read() {
        try {
            var http = client.getHttpClient();
            URI alive = client.getMasterUrl().toURI().resolve("/livez");
            HttpResponse<byte[]> answer = http.sendAsync(
                            http.newHttpRequestBuilder().uri(alive).build(), byte[].class)
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return answer.headers().entrySet().stream()
                    .filter(header -> header.getKey().equalsIgnoreCase("Date"))
                    .map(header -> header.getValue().getFirst())
                    .findFirst()
                    .map(text -> ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
        } catch (ExecutionException | TimeoutException | java.net.URISyntaxException | DateTimeParseException e) {
            LOG.debugf("the API server did not tell its time: %s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }
}
