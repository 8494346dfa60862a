package io.terway.eni.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.Action;
import io.terway.eni.AddressCounts;
import io.terway.eni.ClusterTags;
import io.terway.eni.EniOrder;
import io.terway.eni.EniStatus;
import io.terway.eni.EniType;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.Tuning;
import io.terway.eni.TuningReader;
import io.terway.eni.VpcId;
import io.terway.eni.operation.AddressOperations.Assign;
import io.terway.eni.operation.AddressOperations.Counts;
import io.terway.eni.operation.AddressOperations.Unassign;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.state.MemoryState;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What keys of eni-config change in the calls that the cloud sees, and that they do so without a restart. */
final class TuningEffectSimulation {

    private final VirtualTime clock = new VirtualTime(1);
    private final ModelCloud cloud = new ModelCloud(clock, ModelCloud.Illness.ERRORS);
    private Tuning tuning = SimulatedProcess.TUNING;
    private final SimulatedProcess process = new SimulatedProcess(clock, cloud, new MemoryState(), 1, () -> tuning);
    private int operations;

    private void say(Map<String, ?> eniConf) {
        tuning = switch (TuningReader.read(eniConf, SimulatedProcess.TUNING)) {
            case TuningReader.Reading.Accepted(Tuning accepted) -> accepted;
            case TuningReader.Reading.Refused(List<String> problems) -> throw new AssertionError(problems);
        };
    }

    /** Runs the work and tells how long it took. */
    private Duration run(Runnable... works) {
        int[] done = new int[1];
        long before = clock.now();
        for (Runnable work : works) {
            process.time().start("work", () -> {
                work.run();
                done[0]++;
            });
        }
        clock.run(Duration.ofHours(1), () -> done[0] == works.length);
        assertEquals(works.length, done[0]);
        return Duration.ofNanos(clock.now() - before);
    }

    private NetworkInterface order(String node) {
        EniOrder order = new EniOrder(
                new OperationId("order-" + operations++),
                new Seat.OnInstance(new InstanceId(node)),
                ModelCloud.V_SWITCHES,
                List.of(new SecurityGroupId("sg-1")),
                AddressCounts.of(1, 0),
                Map.of(),
                "",
                EniType.SECONDARY);
        return switch (process.side().enis().create(order, false)) {
            case EniOutcome.Ready(NetworkInterface eni) -> eni;
            case EniOutcome other -> throw new AssertionError(other);
        };
    }

    private void assign(EniId eni, int count) {
        Assign assign =
                new Assign(new OperationId("assign-" + operations++), eni, new Counts(count, 0, 0, 0), List.of());
        process.side().addresses().assign(assign);
    }

    private void unassign(NetworkInterface eni) {
        process.side()
                .addresses()
                .unassign(new Unassign(eni.id(), List.of(eni.addresses().getFirst()), List.of()));
    }

    private long assigns() {
        return cloud.count(action -> action == Action.ASSIGN_PRIVATE_IP_ADDRESSES);
    }

    @Test
    void aRateLimitHoldsCreatesBackFromTheNextCallOn() {
        Runnable[] ten = IntStream.range(0, 10)
                .<Runnable>mapToObj(i -> () -> order("i-" + i))
                .toArray(Runnable[]::new);
        Duration quick = run(ten);
        say(Map.of("rate_limit", Map.of("eni_create_qps", 0.5, "burst_size", 1)));

        Duration slow = run(ten);

        assertTrue(quick.toSeconds() < 15, quick.toString());
        assertTrue(slow.toSeconds() >= 18, slow.toString());
    }

    /** Twenty at once, so that a pace of one call in two seconds shows beside what each takes. */
    @ParameterizedTest
    @ValueSource(strings = {"ip_assign_qps", "ip_unassign_qps", "eni_delete_qps"})
    void theOtherRatesHoldTheirOwnCallsBack(String key) {
        List<NetworkInterface> enis = new ArrayList<>();
        run(() -> IntStream.range(0, 10).forEach(i -> enis.add(order("i-" + i))));
        Function<NetworkInterface, Runnable> work = eni -> switch (key) {
            case "ip_assign_qps" -> () -> assign(eni.id(), 1);
            case "ip_unassign_qps" -> () -> unassign(eni);
            default -> () -> process.side().enis().remove(eni.id());
        };
        say(Map.of("rate_limit", Map.of(key, 0.5, "burst_size", 1)));

        Duration slow = run(enis.stream().map(work).toArray(Runnable[]::new));

        assertTrue(slow.toSeconds() >= 18, key + ": " + slow);
    }

    @Test
    void eniCacheTtlIsHowLongAnInstanceIsBelieved() {
        run(() -> order("i-0"));
        say(Map.of("cache_config", Map.of("eni_cache_ttl_seconds", 120)));
        clock.run(Duration.ofMinutes(5), () -> false);
        long before = cloud.count(action -> action == Action.DESCRIBE_INSTANCES);

        clock.run(Duration.ofMinutes(20), () -> false);

        long reads = cloud.count(action -> action == Action.DESCRIBE_INSTANCES) - before;
        assertTrue(reads >= 8 && reads <= 11, reads + " reads in 20 minutes");
    }

    @Test
    void vpcCacheTtlIsHowLongAListOfVSwitchesIsBelieved() {
        say(Map.of("cache_config", Map.of("vpc_cache_ttl_seconds", 120)));
        long before = cloud.count(action -> action == Action.DESCRIBE_V_SWITCHES);

        for (int minute = 0; minute < 20; minute++) {
            run(() -> process.side().vSwitches().list(List.of(new VpcId("vpc-1"))));
            clock.run(Duration.ofMinutes(1), () -> false);
        }

        long reads = cloud.count(action -> action == Action.DESCRIBE_V_SWITCHES) - before;
        assertTrue(reads >= 7 && reads <= 11, reads + " lists in 20 minutes");
    }

    @Test
    void batchSizeSplitsAndBatchOffJoinsNothing() {
        EniId[] eni = new EniId[1];
        run(() -> eni[0] = order("i-0").id());
        run(() -> assign(eni[0], 2), () -> assign(eni[0], 2));
        long joined = assigns();
        say(Map.of("batch_config", Map.of("batch_size", 2)));
        run(() -> assign(eni[0], 4));
        long split = assigns() - joined;
        say(Map.of("batch_config", Map.of("enable", false)));

        run(() -> assign(eni[0], 1), () -> assign(eni[0], 1));

        assertEquals(1, joined);
        assertEquals(2, split);
        assertEquals(2, assigns() - joined - split);
    }

    @Test
    void ipCacheTtlIsThePauseBetweenListings() {
        say(Map.of("cache_config", Map.of("ip_cache_ttl_seconds", 120)));
        clock.run(Duration.ofMinutes(5), () -> false);
        long before = cloud.count(action -> action == Action.DESCRIBE_NETWORK_INTERFACES);

        clock.run(Duration.ofMinutes(20), () -> false);

        long listings = cloud.count(action -> action == Action.DESCRIBE_NETWORK_INTERFACES) - before;
        assertTrue(listings >= 9 && listings <= 11, listings + " listings in 20 minutes");
    }

    @Test
    void mostTakesTheVSwitchWithMoreFreeAddresses() {
        say(Map.of("vswitch_selection_policy", "most"));
        VSwitchId[] chosen = new VSwitchId[2];
        run(() -> chosen[0] = order("i-0").vSwitch());

        run(() -> chosen[1] = order("i-1").vSwitch());

        assertTrue(!chosen[0].equals(chosen[1]), "both in " + chosen[0]);
    }

    @Test
    void collectionThatIsSwitchedOffLeavesWhatIsUnused() {
        cloud.put(
                "eni-leaked",
                EniStatus.AVAILABLE,
                new InstanceId("i-0"),
                Map.of(ClusterTags.CLUSTER, "c1", ClusterTags.OPERATION, "dead"));
        say(Map.of("resource_gc", Map.of("enable", false)));

        clock.run(Duration.ofHours(1), () -> false);

        assertEquals(1, cloud.truth().size());
    }
}
