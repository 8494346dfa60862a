package io.terway.agent.pods;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownPodTest {

    @ParameterizedTest
    @CsvSource({
        "k8s.aliyun.com/eni, maybe, it must be 'true' or 'false'",
        "k8s.aliyun.com/eni, true, asks for an ENI of its own",
        "k8s.aliyun.com/pod-bindable, true, asks for a fixed address",
        "k8s.aliyun.com/pod-bindable, yes, 'yes'",
        "k8s.aliyun.com/security-group, sg-1, 'sg-1'",
        "k8s.aliyun.com/security-groups, 'sg-1,sg-2', 'sg-1,sg-2'"
    })
    void aWishThatIsNotMetIsSaidWithAnnotationAndValue(String annotation, String value, String said) {
        String why = pod(Map.of(annotation, value)).unmet().orElseThrow();

        assertTrue(why.contains(annotation) && why.contains(said.strip()), why);
    }

    @Test
    void othersAndRefusedWishesAreOrdinary() {
        assertEquals(Optional.empty(), pod(Map.of()).unmet());
        assertEquals(
                Optional.empty(),
                pod(Map.of("k8s.aliyun.com/eni", "false", "k8s.aliyun.com/pod-bindable", "false", "app", "web"))
                        .unmet());
    }

    private static KnownPod pod(Map<String, String> annotations) {
        return new KnownPod(new PodLife(new PodRef("default", "a"), "uid"), annotations);
    }
}
