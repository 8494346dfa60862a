package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.sim.cloud.Latencies;
import io.terway.net.InstanceId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ObserverIT {

    private static final Options OPTIONS = Options.defaults().withLatencies(Latencies.none());

    private static String create(RawClient client) {
        String body = client.call(
                        "CreateNetworkInterface", Map.of("VSwitchId", "vsw-bp1pod-h", "SecurityGroupId", "sg-bp1lab"))
                .body();
        return body.replaceAll(".*\"NetworkInterfaceId\":\"([^\"]+)\".*", "$1");
    }

    private static EniView eni(VpcView view, String id) {
        return view.enis().stream()
                .filter(e -> e.id().value().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void primaryInterfacesAreShownBeforeTheStartReturns() {
        AtomicReference<VpcView> shown = new AtomicReference<>();
        try (EcsSimulator twin = EcsSimulator.start(Scenario.standard(), OPTIONS, shown::set)) {
            assertEquals(2, shown.get().enis().size());
            assertTrue(shown.get().enis().stream()
                    .allMatch(e -> e.primary() && e.instance().isPresent()));
            assertEquals(twin.view().revision(), shown.get().revision());
        }
    }

    @Test
    void interfaceIsInUseOnlyAfterItWasPlugged() throws InterruptedException {
        CountDownLatch plugging = new CountDownLatch(1);
        CountDownLatch plugged = new CountDownLatch(1);
        VpcObserver slow = view -> {
            if (view.enis().stream().anyMatch(e -> !e.primary() && e.instance().isPresent())) {
                plugging.countDown();
                await(plugged);
            }
        };
        try (EcsSimulator twin = EcsSimulator.start(Scenario.standard(), OPTIONS, slow);
                RawClient client = new RawClient(twin)) {
            String id = create(client);
            Thread attach = Thread.startVirtualThread(() -> client.call(
                    "AttachNetworkInterface", Map.of("NetworkInterfaceId", id, "InstanceId", "i-bp1node00001")));
            await(plugging);
            assertEquals("Attaching", eni(twin.view(), id).status());
            assertEquals(
                    Optional.of(new InstanceId("i-bp1node00001")),
                    eni(twin.view(), id).instance());
            plugged.countDown();
            attach.join();
            twin.settle();
            assertEquals("InUse", eni(twin.view(), id).status());
        }
    }

    @Test
    void assignedAddressIsCarriedBeforeTheAnswer() {
        AtomicReference<VpcView> shown = new AtomicReference<>();
        try (EcsSimulator twin = EcsSimulator.start(Scenario.standard(), OPTIONS, shown::set);
                RawClient client = new RawClient(twin)) {
            String id = create(client);
            client.call(
                    "AssignPrivateIpAddresses",
                    Map.of("NetworkInterfaceId", id, "SecondaryPrivateIpAddressCount", "3"));
            assertEquals(4, eni(shown.get(), id).addresses().size());
        }
    }

    @Test
    void failingDataPlaneIsAskedAgain() {
        AtomicInteger failures = new AtomicInteger(1);
        VpcObserver flaky = view -> {
            if (view.enis().size() > 2 && failures.getAndDecrement() > 0) {
                throw new IllegalStateException("expected by the test");
            }
        };
        try (EcsSimulator twin = EcsSimulator.start(Scenario.standard(), OPTIONS, flaky);
                RawClient client = new RawClient(twin)) {
            create(client);
            assertTrue(failures.get() < 0);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(10, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
