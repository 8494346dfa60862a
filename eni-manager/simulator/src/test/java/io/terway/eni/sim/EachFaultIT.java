package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.sim.cloud.Latencies;
import io.terway.net.InstanceId;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a caller meets while a fault stands, and after it was cleared; beside those of {@link FaultsIT}. */
class EachFaultIT {

    private static final String NODE = "i-bp1node00001";
    private static final Map<String, String> CREATE =
            Map.of("VSwitchId", "vsw-bp1pod-h", "SecurityGroupId", "sg-bp1lab");

    private final ManualClock clock = new ManualClock();
    private final EcsSimulator twin = EcsSimulator.start(
            Scenario.standard(),
            Options.defaults()
                    .withClock(clock)
                    .withLatencies(Latencies.ofMillis(100, 100, 100, 100, 0, 0, 0, 0))
                    .withMetadata("127.0.0.1", 0)
                    .withCallers(_ -> Optional.of(new InstanceId(NODE))),
            VpcObserver.NONE);
    private final RawClient client = new RawClient(twin);

    @AfterEach
    void close() {
        client.close();
        twin.close();
    }

    private void fault(String fault) {
        HttpResponse<String> answer = client.control("PUT", "/faults", "{\"seed\":1,\"faults\":[{" + fault + "}]}");
        assertEquals(200, answer.statusCode(), answer.body());
    }

    private void clear() {
        assertEquals(200, client.control("DELETE", "/faults", "").statusCode());
    }

    private HttpResponse<String> create() {
        return client.call("CreateNetworkInterface", CREATE);
    }

    private String made() {
        return create().body().replaceAll("(?s).*\"NetworkInterfaceId\":\"([^\"]+)\".*", "$1");
    }

    private void onNode(String action, String eni) {
        HttpResponse<String> answer = client.call(action, Map.of("NetworkInterfaceId", eni, "InstanceId", NODE));
        assertEquals(200, answer.statusCode(), answer.body());
    }

    private String status(String eni) {
        return client.call("DescribeNetworkInterfaces", Map.of("NetworkInterfaceId.1", eni))
                .body()
                .replaceAll("(?s).*\"Status\":\"([^\"]+)\".*", "$1");
    }

    private void refused(int status, String code) {
        int before = twin.view().enis().size();
        HttpResponse<String> answer = create();
        assertEquals(status, answer.statusCode(), answer.body());
        assertTrue(answer.body().contains("\"Code\":\"" + code + "\""), answer.body());
        assertEquals(before, twin.view().enis().size(), "a refused call changes nothing");
    }

    @Test
    void aThrottledActionPassesItsBurstAndThenItsRate() {
        fault("\"effect\":\"throttle\",\"action\":\"CreateNetworkInterface\",\"qps\":1,\"burst\":2");

        assertEquals(200, create().statusCode());
        assertEquals(200, create().statusCode());
        refused(400, "Throttling.User");
        assertEquals(200, client.call("DescribeNetworkInterfaces", Map.of()).statusCode(), "others are not throttled");
        clock.advance(Duration.ofSeconds(1));
        assertEquals(200, create().statusCode());
        clear();
        assertEquals(200, create().statusCode());
    }

    @Test
    void aMissingPermissionAndAFullAccountAreRefusedAsTheCloudDoes() {
        fault("\"effect\":\"forbid\",\"action\":\"CreateNetworkInterface\"");
        refused(403, "Forbidden.RAM");
        fault("\"effect\":\"quota\"");
        refused(403, "MaxEniCountExceeded");
        fault("\"effect\":\"fail\",\"status\":500,\"code\":\"InternalError\"");
        refused(500, "InternalError");
        clear();
        assertEquals(200, create().statusCode());
    }

    @Test
    void aHangingCallIsNeverAnsweredAndHoldsNobodyUp() {
        fault("\"effect\":\"hang\",\"action\":\"CreateNetworkInterface\",\"times\":1");
        int before = twin.view().enis().size();
        CompletableFuture<HttpResponse<String>> hanging = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                hanging.complete(create());
            } catch (RuntimeException cut) {
                hanging.completeExceptionally(cut);
            }
        });
        for (int i = 0; i < 10_000 && !arrived("CreateNetworkInterface"); i++) {
            Thread.onSpinWait();
        }
        assertTrue(arrived("CreateNetworkInterface"));

        for (int i = 0; i < 20; i++) {
            assertEquals(200, client.call("DescribeNetworkInterfaces", Map.of()).statusCode());
        }

        assertFalse(hanging.isDone());
        assertEquals(before, twin.view().enis().size());
    }

    private boolean arrived(String action) {
        return client.control("GET", "/calls", "").body().contains(action);
    }

    @Test
    void aDelayedAnswerComesLateWithTheChangeMade() {
        fault("\"effect\":\"delay\",\"millis\":300,\"times\":1");
        long begun = System.nanoTime();

        assertEquals(200, create().statusCode());

        assertTrue(System.nanoTime() - begun >= Duration.ofMillis(300).toNanos());
        assertEquals(3, twin.view().enis().size());
    }

    @Test
    void aStuckAttachEndsOnlyWhenItIsAskedForAgain() {
        String eni = made();
        fault("\"effect\":\"stuck-attach\"");
        onNode("AttachNetworkInterface", eni);
        clock.advance(Duration.ofMinutes(10));
        assertEquals("Attaching", status(eni));
        clear();

        onNode("AttachNetworkInterface", eni);
        clock.advance(Duration.ofMillis(100));

        assertEquals("InUse", status(eni));
    }

    @Test
    void aStuckDetachEndsOnlyWhenItIsAskedForAgain() {
        String eni = made();
        onNode("AttachNetworkInterface", eni);
        clock.advance(Duration.ofMillis(100));
        fault("\"effect\":\"stuck-detach\"");
        onNode("DetachNetworkInterface", eni);
        clock.advance(Duration.ofMinutes(10));
        assertEquals("Detaching", status(eni));
        clear();

        onNode("DetachNetworkInterface", eni);
        clock.advance(Duration.ofMillis(100));

        assertEquals("Available", status(eni));
    }

    @Test
    void metadataLagsWhileTheApiDoesNot() {
        fault("\"effect\":\"metadata-lag\",\"millis\":60000");
        String eni = made();
        onNode("AttachNetworkInterface", eni);
        clock.advance(Duration.ofMillis(100));

        assertEquals("InUse", status(eni));
        assertEquals(1, interfaces());
        clock.advance(Duration.ofSeconds(60));
        assertEquals(2, interfaces());
    }

    private long interfaces() {
        return client.metadata("GET", "meta-data/network/interfaces/macs/")
                .body()
                .lines()
                .count();
    }

    @Test
    void aClockThatIsOffRefusesTimelyCalls() {
        fault("\"effect\":\"clock-skew\",\"millis\":1800000");
        refused(400, "InvalidTimeStamp.Expired");
        fault("\"effect\":\"clock-skew\",\"millis\":-1800000");
        refused(400, "InvalidTimeStamp.Expired");
        clear();
        assertEquals(200, create().statusCode());
    }

    @Test
    void answersAndRefusalsAreWrittenInXmlToo() {
        Map<String, String> xml = new HashMap<>(CREATE);
        xml.put("Format", "XML");
        HttpResponse<String> answer = client.call("CreateNetworkInterface", xml);
        assertEquals(200, answer.statusCode());
        assertTrue(answer.headers().firstValue("Content-Type").orElse("").startsWith("text/xml"));
        assertTrue(answer.body().contains("<CreateNetworkInterfaceResponse><RequestId>"), answer.body());
        assertTrue(answer.body().contains("<Status>Available</Status>"), answer.body());

        HttpResponse<String> refusal = client.call("DeleteNetworkInterface", Map.of("Format", "XML"));
        assertEquals(400, refusal.statusCode());
        assertTrue(refusal.body().contains("<Error><RequestId>"), refusal.body());
        assertTrue(refusal.body().contains("<Code>MissingParameter"), refusal.body());
    }
}
