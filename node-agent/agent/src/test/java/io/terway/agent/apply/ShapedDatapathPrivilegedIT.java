package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.agent.pods.Bandwidth;
import io.terway.agent.sandbox.Datapath;
import io.terway.node.datapath.PodAttachment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rates in the kernel, with tc as an independent witness. */
class ShapedDatapathPrivilegedIT {

    private static final Bandwidth LIMITED = new Bandwidth(OptionalLong.of(1_250_000), OptionalLong.of(625_000));

    private final OneNode node = new OneNode();
    private DatapathApplier applier;

    @BeforeEach
    void openApplier() {
        applier = DatapathApplier.open(node.host);
    }

    @AfterEach
    void leaveNothing() {
        applier.close();
        node.close();
    }

    private Datapath shaped(Bandwidth wish, boolean byOthers) {
        return new ShapedDatapath(node.host, Datapath.of(applier), _ -> wish, () -> byOthers);
    }

    private static String tc(Path netns, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("nsenter", "--net=" + netns, "tc", "qdisc"));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    @Test
    void bothDirectionsAreShapedCheckedAndRepaired() throws Exception {
        Datapath datapath = shaped(LIMITED, false);
        PodAttachment pod = node.pod("a", 11);

        String host =
                assertInstanceOf(AddResult.Plumbed.class, datapath.add(pod)).hostLink();

        assertTrue(tc(node.host, "show", "dev", host).contains("tbf 5457: root refcnt"), tc(node.host, "show"));
        assertTrue(tc(node.host, "show", "dev", host).contains("rate 10Mbit burst 64Kb"), tc(node.host, "show"));
        assertTrue(tc(pod.netns(), "show", "dev", "eth0").contains("rate 5Mbit"), tc(pod.netns(), "show"));
        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));

        tc(pod.netns(), "del", "dev", "eth0", "root");
        var differs = assertInstanceOf(CheckResult.Differs.class, datapath.check(pod));
        assertEquals(List.of("link eth0 is not shaped to 625000 bytes/s"), differs.differences());

        datapath.add(pod);
        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));
    }

    @Test
    void ratesBeyondFourGigabytesAreKept() throws Exception {
        Datapath datapath = shaped(new Bandwidth(OptionalLong.of(10_000_000_000L), OptionalLong.empty()), false);
        PodAttachment pod = node.pod("a", 11);

        String host =
                assertInstanceOf(AddResult.Plumbed.class, datapath.add(pod)).hostLink();

        assertTrue(tc(node.host, "show", "dev", host).contains("rate 80Gbit"), tc(node.host, "show"));
        assertInstanceOf(CheckResult.Intact.class, datapath.check(pod));
    }

    @Test
    void nothingIsShapedWithoutAWishOrWhereTheBandwidthPluginDoes() throws Exception {
        PodAttachment plain = node.pod("a", 11);
        shaped(Bandwidth.UNLIMITED, false).add(plain);
        PodAttachment chained = node.pod("b", 12);
        shaped(LIMITED, true).add(chained);

        assertFalse(tc(node.host, "show").contains("tbf"));
        assertFalse(tc(chained.netns(), "show").contains("tbf"));
    }
}
