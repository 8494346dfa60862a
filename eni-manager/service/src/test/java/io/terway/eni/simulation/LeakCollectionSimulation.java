package io.terway.eni.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.eni.ClusterTags;
import io.terway.eni.EniStatus;
import io.terway.eni.state.MemoryState;
import io.terway.net.InstanceId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Rule 13 on virtual time: what is collected, and what is never touched. */
final class LeakCollectionSimulation {

    private static final InstanceId NODE = new InstanceId("i-0");

    private final VirtualTime clock = new VirtualTime(1);
    private final ModelCloud cloud = new ModelCloud(clock, ModelCloud.Illness.ERRORS);
    private final MemoryState state = new MemoryState();

    private List<String> left() {
        return cloud.truth().stream().map(eni -> eni.id().value()).toList();
    }

    private static Map<String, String> ours(String operation) {
        return Map.of(ClusterTags.CLUSTER, "c1", ClusterTags.OPERATION, operation);
    }

    @Test
    void anEniWhoseMakerDiedBeforeItsAttachIsDeletedAndAllOthersStay() {
        cloud.put("eni-leaked", EniStatus.AVAILABLE, NODE, ours("op-dead"));
        cloud.put("eni-in-use", EniStatus.IN_USE, NODE, ours("op-2"));
        cloud.put("eni-others", EniStatus.AVAILABLE, NODE, Map.of(ClusterTags.CLUSTER, "c2"));
        cloud.put("eni-untagged", EniStatus.AVAILABLE, NODE, Map.of());
        cloud.put("eni-kept", EniStatus.AVAILABLE, NODE, with(ours("op-3"), ClusterTags.KEPT, "true"));
        cloud.put(
                "eni-erdma", EniStatus.AVAILABLE, NODE, with(ours("op-4"), "creator", "alibabacloud-erdma-controller"));
        new SimulatedProcess(clock, cloud, state, 1);

        clock.run(Duration.ofMinutes(5), () -> false);
        List<String> beforeItsTime = left();
        clock.run(Duration.ofMinutes(30), () -> false);

        assertEquals(6, beforeItsTime.size());
        assertEquals(List.of("eni-erdma", "eni-in-use", "eni-kept", "eni-others", "eni-untagged"), left());
    }

    @Test
    void anAttachedEniWithOurTagIsTakenIn() {
        cloud.put("eni-adopted", EniStatus.IN_USE, NODE, ours("op-of-another-life"));
        SimulatedProcess process = new SimulatedProcess(clock, cloud, state, 1);

        clock.run(Duration.ofSeconds(30), () -> false);

        assertEquals(
                List.of("eni-adopted"),
                process.side().inventory().view(NODE).orElseThrow().enis().stream()
                        .map(eni -> eni.id().value())
                        .toList());
    }

    private static Map<String, String> with(Map<String, String> tags, String key, String value) {
        Map<String, String> more = new HashMap<>(tags);
        more.put(key, value);
        return more;
    }
}
