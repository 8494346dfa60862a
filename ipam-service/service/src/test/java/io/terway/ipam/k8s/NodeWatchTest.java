package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.PoolOverride;
import io.terway.net.Cidr;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NodeWatchTest {

    @Test
    void thePodCidrsOfTheSpecCountBeforeThoseWeGave() {
        Node given = new NodeBuilder(node())
                .editSpec()
                .withPodCIDRs("10.9.1.0/24", "fd00:9:1::/64")
                .endSpec()
                .build();

        assertEquals(
                List.of(Cidr.parse("10.244.3.0/24")), NodeWatch.seen(node()).podCidrs());
        assertEquals(
                List.of(Cidr.parse("10.9.1.0/24"), Cidr.parse("fd00:9:1::/64")),
                NodeWatch.seen(given).podCidrs());
    }

    @Test
    void theLabelNamesTheConfiguration() {
        assertEquals(Optional.of("gpu"), NodeWatch.seen(node()).configName());
    }

    @Test
    void aCordonedNodeDrainsAndSoDoesOneTheAutoscalerChose() {
        Node cordoned = new NodeBuilder(node())
                .editSpec()
                .withUnschedulable(true)
                .endSpec()
                .build();
        Node chosen = new NodeBuilder(node())
                .editSpec()
                .addNewTaint()
                .withKey(NodeWatch.LEAVING)
                .withEffect("NoSchedule")
                .endTaint()
                .endSpec()
                .build();

        assertFalse(NodeWatch.seen(node()).draining());
        assertTrue(NodeWatch.seen(cordoned).draining());
        assertTrue(NodeWatch.seen(chosen).draining());
    }

    @ParameterizedTest
    @CsvSource({"20, 20", "0, 0", "many, -1", "-1, -1"})
    void aNamespacesQuotaIsAWholeNumberOrNone(String value, int expected) {
        var namespace = new NamespaceBuilder()
                .withNewMetadata()
                .withName("shop")
                .addToAnnotations(IpamEvent.NamespaceSeen.QUOTA, value)
                .endMetadata()
                .build();

        assertEquals(
                expected < 0 ? OptionalInt.empty() : OptionalInt.of(expected),
                NamespaceWatch.seen(namespace).quota());
    }

    @ParameterizedTest
    @CsvSource({"100, 50", "0, 0", "20, ''", "'', 5"})
    void theAnnotationsAreThePoolSizesOfTheNode(String max, String min) {
        IpamEvent.NodeSeen seen = NodeWatch.seen(sized(max, min));

        assertEquals(new PoolOverride(size(min), size(max)), seen.override());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "many", "12345", "1.5", " 5"})
    void aPoolSizeThatIsNoNumberIsAsIfItWereNotThere(String value) {
        assertEquals(PoolOverride.NONE, NodeWatch.seen(sized(value, value)).override());
    }

    private static OptionalInt size(String text) {
        return text.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
    }

    private static Node sized(String max, String min) {
        NodeBuilder node = new NodeBuilder(node());
        if (!max.isEmpty()) {
            node.editMetadata()
                    .addToAnnotations("k8s.aliyun.com/eni-max-pool-size", max)
                    .endMetadata();
        }
        if (!min.isEmpty()) {
            node.editMetadata()
                    .addToAnnotations("k8s.aliyun.com/eni-min-pool-size", min)
                    .endMetadata();
        }
        return node.build();
    }

    private static Node node() {
        return new NodeBuilder()
                .withNewMetadata()
                .withName("n1")
                .withUid("u1")
                .addToAnnotations(NodeWatch.POD_CIDRS, "10.244.3.0/24")
                .addToLabels(NodeWatch.CONFIG_LABEL, "gpu")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
    }
}
