package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.sim.cloud.Latencies;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultsIT {

    private static final Map<String, String> CREATE =
            Map.of("VSwitchId", "vsw-bp1pod-h", "SecurityGroupId", "sg-bp1lab", "ClientToken", "t1");

    private final EcsSimulator twin = EcsSimulator.start(
            Scenario.standard(), Options.defaults().withLatencies(Latencies.none()), VpcObserver.NONE);
    private final RawClient client = new RawClient(twin);

    @AfterEach
    void close() {
        client.close();
        twin.close();
    }

    private void faults(String list) {
        assertEquals(
                200,
                client.control("PUT", "/faults", "{\"seed\":1,\"faults\":[" + list + "]}")
                        .statusCode());
    }

    @Test
    void lostAnswerLeavesTheInterfaceAndTheTokenFindsIt() {
        faults("{\"action\":\"CreateNetworkInterface\",\"effect\":\"lose-answer\",\"times\":1}");
        assertThrows(UncheckedIOException.class, () -> client.call("CreateNetworkInterface", CREATE));
        assertEquals(3, twin.view().enis().size());
        assertEquals(200, client.call("CreateNetworkInterface", CREATE).statusCode());
        assertEquals(3, twin.view().enis().size());
    }

    @Test
    void failedCallChangesNothing() {
        faults("{\"effect\":\"fail\",\"status\":503,\"code\":\"ServiceUnavailable\"}");
        var answer = client.call("CreateNetworkInterface", CREATE);
        assertEquals(503, answer.statusCode());
        assertTrue(answer.body().contains("\"Code\":\"ServiceUnavailable\""));
        assertEquals(2, twin.view().enis().size());
        client.control("DELETE", "/faults", "");
        assertEquals(200, client.call("CreateNetworkInterface", CREATE).statusCode());
    }

    @Test
    void duplicatedCreateWithoutTokenMakesTwo() {
        faults("{\"effect\":\"duplicate\"}");
        client.call("CreateNetworkInterface", Map.of("VSwitchId", "vsw-bp1pod-h", "SecurityGroupId", "sg-bp1lab"));
        assertEquals(4, twin.view().enis().size());
    }

    @Test
    void exhaustedVSwitchRefillsAndInstancesAreReleased() {
        client.control("POST", "/vswitches/vsw-bp1pod-h/exhaust", "");
        assertTrue(client.call("CreateNetworkInterface", CREATE).body().contains("InvalidVSwitchId.IpNotEnough"));
        client.control("POST", "/vswitches/vsw-bp1pod-h/refill", "");
        assertEquals(200, client.call("CreateNetworkInterface", CREATE).statusCode());
        assertEquals(
                200,
                client.control("POST", "/instances/i-bp1node00002/release", "").statusCode());
        assertEquals(1, twin.view().instances().size());
        assertEquals(
                404,
                client.control("POST", "/instances/i-bp1node00002/release", "").statusCode());
    }

    @Test
    void wrongControlRequestsSayWhatIsKnown() {
        assertEquals(
                400,
                client.control("PUT", "/faults", "{\"faults\":[{\"effect\":\"magic\"}]}")
                        .statusCode());
        assertEquals(400, client.control("PUT", "/faults", "{").statusCode());
        assertEquals(400, client.control("PUT", "/latencies", "{\"attach\":-1}").statusCode());
        assertTrue(client.control("GET", "/nothing", "").body().contains("GET /state"));
        assertTrue(client.control("GET", "/state", "").body().contains("\"freeAddresses\""));
    }

    @Test
    void everyProfileFitsAndIsToldBack() {
        String profiles = client.control("GET", "/faults/profiles", "").body();
        for (String name :
                List.of("throttled", "flaky", "eventual", "stuck", "hanging", "outage", "forbidden", "full")) {
            assertTrue(profiles.contains("\"" + name + "\""), profiles);
            var answer = client.control("PUT", "/faults", "{\"seed\":7,\"profile\":\"" + name + "\"}");
            assertEquals(200, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("\"seed\":7"), answer.body());
        }
        assertTrue(client.call("CreateNetworkInterface", CREATE).body().contains("MaxEniCountExceeded"));
        assertEquals(
                400, client.control("PUT", "/faults", "{\"profile\":\"none\"}").statusCode());
    }

    @Test
    void staleReadsShowWhatWasUntilTheyAreCleared() {
        faults("{\"effect\":\"stale-reads\",\"millis\":3600000}");
        String made = client.call("CreateNetworkInterface", CREATE).body();
        String id = made.replaceAll("(?s).*\"NetworkInterfaceId\":\"([^\"]+)\".*", "$1");
        Map<String, String> byId = Map.of("NetworkInterfaceId.1", id);
        assertFalse(client.call("DescribeNetworkInterfaces", byId).body().contains(id));
        client.control("DELETE", "/faults", "");
        assertTrue(client.call("DescribeNetworkInterfaces", byId).body().contains(id));
    }

    @Test
    void aFaultMayEmptyAVSwitchAndClearingFillsItAgain() {
        faults("");
        client.control("POST", "/faults", "{\"effect\":\"exhaust\",\"vswitch\":\"vsw-bp1pod-h\"}");
        assertTrue(client.call("CreateNetworkInterface", CREATE).body().contains("InvalidVSwitchId.IpNotEnough"));
        client.control("DELETE", "/faults", "");
        assertEquals(200, client.call("CreateNetworkInterface", CREATE).statusCode());
        assertEquals(
                404,
                client.control("POST", "/faults", "{\"effect\":\"exhaust\",\"vswitch\":\"vsw-no\"}")
                        .statusCode());
    }

    @Test
    void aMisspeltFieldOfAFaultIsNamed() {
        var answer = client.control("POST", "/faults", "{\"effect\":\"delay\",\"milis\":5}");
        assertEquals(400, answer.statusCode());
        assertTrue(answer.body().contains("milis"), answer.body());
    }
}
