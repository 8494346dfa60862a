package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.terway.ipam.FixedAddress;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReleasesTest {

    private static final String INFO = "/apis/network.alibabacloud.com/v1/namespaces/db/podnetinfos/redis-1";
    private static final String POD = "/api/v1/namespaces/db/pods/redis-1";
    private static final String SET = "/apis/apps/v1/namespaces/db/statefulsets/redis";
    private static final String EVENTS = "/api/v1/namespaces/db/events";
    private static final PodRef REDIS = new PodRef("db", "redis-1");

    private final KubernetesMockServer api = new KubernetesMockServer(false);

    @BeforeEach
    void start() {
        api.init();
    }

    @AfterEach
    void stop() {
        api.destroy();
    }

    private static FixedAddress address(String object) {
        return new FixedAddress(
                REDIS,
                object,
                List.of(Ip.parse("10.0.64.9")),
                new VSwitchId("vsw-1"),
                new ZoneId("cn-hangzhou-h"),
                Optional.empty());
    }

    private void info(String strategy) {
        api.expect()
                .get()
                .withPath(INFO)
                .andReturn(
                        200,
                        Map.of(
                                "apiVersion", "network.alibabacloud.com/v1",
                                "kind", "PodNetInfo",
                                "metadata",
                                        Map.of(
                                                "namespace", "db",
                                                "name", "redis-1",
                                                "uid", "uid-7",
                                                "resourceVersion", "41"),
                                "spec",
                                        Map.of(
                                                "podIP", "10.0.64.9",
                                                "vSwitchID", "vsw-1",
                                                "zone", "cn-hangzhou-h",
                                                "retention", Map.of("strategy", strategy, "seconds", 3600)),
                                "status", Map.of("podLastSeen", "2026-03-01T12:00:00Z", "unwantedSeconds", 3600)))
                .always();
        api.expect().delete().withPath(INFO).andReturn(200, Map.of()).always();
        api.expect().post().withPath(EVENTS).andReturn(201, Map.of()).always();
    }

    private void clock(String date) {
        api.expect()
                .get()
                .withPath("/livez")
                .andReturn(200, Map.of())
                .withHeader("Date", date)
                .always();
    }

    private void set(int replicas) {
        api.expect()
                .get()
                .withPath(SET)
                .andReturn(
                        200,
                        Map.of(
                                "apiVersion",
                                "apps/v1",
                                "kind",
                                "StatefulSet",
                                "metadata",
                                Map.of("namespace", "db", "name", "redis"),
                                "spec",
                                Map.of("replicas", replicas)))
                .always();
    }

    /** What was asked until nothing more is. */
    private List<RecordedRequest> requests(FixedAddress address, String last) throws InterruptedException {
        var client = api.createClient();
        try (var events = new EventWriter(client, "kube-system")) {
            new Releases(client, new ApiClock(client), new StatefulSetWatch(client), events).release(address);
            List<RecordedRequest> all = new ArrayList<>();
            RecordedRequest next;
            do {
                next = api.takeRequest(20, TimeUnit.SECONDS);
                assertNotNull(next, () -> "no request " + last + " after " + all);
                all.add(next);
            } while (!(next.getMethod() + " " + next.getPath()).equals(last));
            return all;
        }
    }

    private static void assertKept(List<RecordedRequest> requests) {
        requests.forEach(request -> assertNotEquals("DELETE", request.getMethod()));
    }

    @Test
    void deletesTheObjectItLookedAt() throws Exception {
        info("TTL");
        clock("Sun, 01 Mar 2026 13:00:01 GMT");
        set(1); // redis-1 is beyond it

        RecordedRequest delete = requests(address("uid-7"), "DELETE " + INFO).getLast();

        assertTrue(delete.getUtf8Body().contains("\"resourceVersion\":\"41\""), delete.getUtf8Body());
    }

    @Test
    void theApiServersClockMustAgree() throws Exception {
        info("TTL");
        clock("Sun, 01 Mar 2026 12:59:59 GMT");

        assertKept(requests(address("uid-7"), "GET /livez"));
        assertEquals(Optional.empty(), Optional.ofNullable(api.takeRequest(1, TimeUnit.SECONDS)));
    }

    @Test
    void aStatefulSetThatWillMakeThePodAgainKeepsIt() throws Exception {
        info("TTL");
        clock("Mon, 02 Mar 2026 13:00:01 GMT");
        set(2);

        List<RecordedRequest> requests = requests(address("uid-7"), "GET " + SET);

        assertTrue(requests.stream().anyMatch(request -> request.getPath().equals(POD)));
        assertEquals(Optional.empty(), Optional.ofNullable(api.takeRequest(1, TimeUnit.SECONDS)));
    }

    @Test
    void anObjectOfTheSameNameThatIsAnotherOneIsLeftAlone() throws Exception {
        info("TTL");

        assertKept(requests(address("uid-6"), "GET " + INFO));
        assertEquals(Optional.empty(), Optional.ofNullable(api.takeRequest(1, TimeUnit.SECONDS)));
    }

    @Test
    void whatAPersonHasSetToNeverIsKept() throws Exception {
        info("Never");
        clock("Mon, 02 Mar 2027 13:00:01 GMT");

        assertKept(requests(address("uid-7"), "GET /livez"));
        assertEquals(Optional.empty(), Optional.ofNullable(api.takeRequest(1, TimeUnit.SECONDS)));
    }
}
