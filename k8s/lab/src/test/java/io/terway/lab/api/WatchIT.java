package io.terway.lab.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches: through the client's informers (WebSocket), and as plain HTTP. */
class WatchIT {

    private static final int SMALL_HISTORY = 20;

    @TempDir
    Path directory;

    private ApiFixture fixture;
    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws IOException {
        fixture = new ApiFixture(
                ApiOptions.of("127.0.0.1", 0, directory.resolve("state")).withHistory(SMALL_HISTORY));
    }

    @AfterEach
    void stop() throws IOException {
        http.close();
        fixture.close();
    }

    private Pod create(String name) {
        return fixture.client.pods().resource(ApiFixture.pod(name)).create();
    }

    private void label(String pod, String key, String value) {
        fixture.client
                .pods()
                .withName(pod)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\":{\"labels\":{\"" + key + "\":\"" + value + "\"}}}");
    }

    /** The lines of a plain watch that ends by itself after a second. */
    private List<String> watch(String query) throws IOException, InterruptedException {
        URI uri =
                URI.create(fixture.api.url() + "/api/v1/namespaces/default/pods?watch=true&timeoutSeconds=1&" + query);
        String body = http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        return body.lines().toList();
    }

    @Test
    void anInformerFollowsTheStore() {
        create("a");
        SharedIndexInformer<Pod> informer =
                fixture.client.pods().inNamespace("default").inform();

        create("b");
        label("a", "seen", "yes");
        fixture.client.pods().withName("b").delete();

        ApiFixture.await("the informer holds a, changed, and no b", () -> {
            List<Pod> pods = informer.getStore().list();
            return pods.size() == 1
                    && "yes".equals(pods.getFirst().getMetadata().getLabels().get("seen"));
        });
    }

    @Test
    void anInformerRecoversFromARestartOfTheServer() throws IOException {
        create("a");
        SharedIndexInformer<Pod> informer =
                fixture.client.pods().inNamespace("default").inform();

        fixture.restart();
        create("b");

        ApiFixture.await(
                "the informer sees b after the restart",
                () -> informer.getStore().list().size() == 2);
    }

    @Test
    void aWatchGoesOnFromItsVersion() throws Exception {
        String version = create("a").getMetadata().getResourceVersion();
        create("b");
        fixture.client.pods().withName("a").delete();

        List<String> events = watch("resourceVersion=" + version);

        assertEquals(2, events.size(), events.toString());
        assertTrue(
                events.get(0).startsWith("{\"type\":\"ADDED\"") && events.get(0).contains("\"name\":\"b\""));
        assertTrue(events.get(1).startsWith("{\"type\":\"DELETED\"")
                && events.get(1).contains("\"name\":\"a\""));
    }

    @Test
    void aVersionOlderThanTheHistoryIsGone() throws Exception {
        String version = create("a").getMetadata().getResourceVersion();
        for (int i = 0; i <= SMALL_HISTORY; i++) {
            label("a", "count", "n" + i);
        }

        List<String> events = watch("resourceVersion=" + version);

        assertEquals(1, events.size(), events.toString());
        assertTrue(
                events.getFirst().contains("\"code\":410") && events.getFirst().contains("\"Expired\""));
    }

    @Test
    void objectsComeAndGoAsTheyBeginAndCeaseToMatch() throws Exception {
        String version = create("a").getMetadata().getResourceVersion();
        label("a", "tier", "front");
        label("a", "tier", "back");

        List<String> events = watch("labelSelector=tier%3Dfront&resourceVersion=" + version);

        assertEquals(2, events.size(), events.toString());
        assertTrue(events.get(0).startsWith("{\"type\":\"ADDED\""));
        assertTrue(events.get(1).startsWith("{\"type\":\"DELETED\""));
    }

    @Test
    void initialEventsEndWithAMarkedBookmark() throws Exception {
        create("a");

        List<String> events =
                watch("sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan");

        assertEquals(2, events.size(), events.toString());
        assertTrue(events.get(1).startsWith("{\"type\":\"BOOKMARK\"")
                && events.get(1).contains("\"k8s.io/initial-events-end\":\"true\""));
    }

    @Test
    void deletedPodsStayForTheirGraceAndNoLonger() throws IOException {
        fixture.close();
        fixture = new ApiFixture(ApiOptions.of("127.0.0.1", 0, directory.resolve("other"))
                .withPodGrace(java.time.Duration.ofSeconds(2)));
        fixture.client
                .pods()
                .resource(new PodBuilder(ApiFixture.pod("a")).build())
                .create();

        fixture.client.pods().withName("a").delete();

        Pod marked = fixture.client.pods().withName("a").get();
        assertEquals(2L, marked.getMetadata().getDeletionGracePeriodSeconds());
        ApiFixture.await(
                "the pod is removed", () -> fixture.client.pods().withName("a").get() == null);
    }
}
