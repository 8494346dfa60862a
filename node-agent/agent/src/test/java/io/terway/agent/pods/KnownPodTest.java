package io.terway.agent.pods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.node.commit.Proposal;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.NetworkMode;
import io.terway.node.ledger.PodLife;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownPodTest {

    private static final String GROUP = "k8s.aliyun.com/security-group";
    private static final String GROUPS = "k8s.aliyun.com/security-groups";
    private static final List<Ip> ADDRESSES = List.of(Ip.parse("10.0.64.1"));

    @ParameterizedTest
    @CsvSource({
        "k8s.aliyun.com/eni, maybe, it must be 'true' or 'false'",
        "k8s.aliyun.com/eni, '', it must be 'true' or 'false'",
        "k8s.aliyun.com/pod-bindable, yes, 'yes'",
        "k8s.aliyun.com/network-priority, high, it must be guaranteed"
    })
    void anUnreadableWishIsSaidWithAnnotationAndValue(String annotation, String value, String said) {
        String why = pod(Map.of(annotation, value)).unmet(NetworkMode.ENIIP).orElseThrow();

        assertTrue(why.contains(annotation) && why.contains(said.strip()), why);
    }

    @Test
    void bothGroupAnnotationsMustAgree() {
        assertTrue(pod(Map.of(GROUP, "sg-1", GROUPS, "sg-2"))
                .unmet(NetworkMode.ENIIP)
                .orElseThrow()
                .contains("contradict"));
        assertEquals(
                Optional.empty(), pod(Map.of(GROUP, "sg-1", GROUPS, "sg-1")).unmet(NetworkMode.ENIIP));
    }

    @Test
    void aRoutedPodHasNothingOfItsOwn() {
        assertTrue(
                pod(Map.of(GROUP, "sg-1")).unmet(NetworkMode.VPC).orElseThrow().contains("VPC"));
        assertEquals(Optional.empty(), pod(Map.of()).unmet(NetworkMode.VPC));
    }

    @Test
    void othersAndRefusedWishesAreOrdinary() {
        Map<String, String> refused =
                Map.of("k8s.aliyun.com/eni", "false", "k8s.aliyun.com/pod-bindable", "false", "app", "web");
        assertEquals(Optional.empty(), pod(refused).unmet(NetworkMode.ENIIP));
        assertTrue(pod(refused).isOrdinary());
        assertEquals(Optional.empty(), pod(refused).betrayal(new Proposal(ADDRESSES, false)));
    }

    @ParameterizedTest
    @CsvSource({
        "k8s.aliyun.com/eni, true",
        "k8s.aliyun.com/security-group, sg-1",
        "k8s.aliyun.com/security-groups, 'sg-1,sg-2'"
    })
    void whoAsksForAnEniNeverGetsASharedAddress(String annotation, String value) {
        KnownPod pod = pod(Map.of(annotation, value));

        assertFalse(pod.isOrdinary());
        assertTrue(pod.betrayal(new Proposal(ADDRESSES, false)).isPresent());
        assertEquals(Optional.empty(), pod.betrayal(new Proposal(ADDRESSES, false, Attachment.EXCLUSIVE)));
        assertEquals(Optional.empty(), pod.betrayal(new Proposal(ADDRESSES, false, Attachment.TRUNK_MEMBER)));
    }

    @Test
    void whoAsksForAFixedAddressNeverGetsAnother() {
        KnownPod pod = pod(Map.of("k8s.aliyun.com/pod-bindable", "true"));

        assertFalse(pod.isOrdinary());
        assertTrue(pod.betrayal(new Proposal(ADDRESSES, false)).isPresent());
        assertEquals(Optional.empty(), pod.betrayal(new Proposal(ADDRESSES, true)));
    }

    private static KnownPod pod(Map<String, String> annotations) {
        return new KnownPod(new PodLife(new PodRef("default", "a"), "uid"), annotations);
    }
}
