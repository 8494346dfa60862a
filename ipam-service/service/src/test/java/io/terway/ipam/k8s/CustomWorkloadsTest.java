package io.terway.ipam.k8s;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.APIResourceBuilder;
import io.fabric8.kubernetes.api.model.APIResourceListBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.terway.ipam.Retention;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CustomWorkloadsTest {

    private static final String GROUP = "/apis/apps.kruise.io/v1alpha1";
    private static final OwnerReference WEB = new OwnerReferenceBuilder()
            .withApiVersion("apps.kruise.io/v1alpha1")
            .withKind("CloneSet")
            .withName("web")
            .withController(true)
            .build();

    private final KubernetesMockServer api = new KubernetesMockServer(false);

    @BeforeEach
    void start() {
        api.init();
    }

    @AfterEach
    void stop() {
        api.destroy();
    }

    @Test
    void whatAWorkloadAsksForItsPodsIsLookedUpOnceForManyOfThem() {
        api.expect()
                .get()
                .withPath(GROUP)
                .andReturn(
                        200,
                        new APIResourceListBuilder()
                                .withGroupVersion("apps.kruise.io/v1alpha1")
                                .withResources(new APIResourceBuilder()
                                        .withKind("CloneSet")
                                        .withName("clonesets")
                                        .withNamespaced(true)
                                        .build())
                                .build())
                .always();
        Map<String, Object> meta = Map.of(
                "namespace",
                "shop",
                "name",
                "web",
                "annotations",
                Map.of(FixedWish.ANNOTATION, "true", Retention.ANNOTATION, "36h", "other", "passed over"));
        api.expect()
                .get()
                .withPath(GROUP + "/namespaces/shop/clonesets/web")
                .andReturn(200, Map.of("apiVersion", "apps.kruise.io/v1alpha1", "kind", "CloneSet", "metadata", meta))
                .once();
        var workloads = new CustomWorkloads(api.createClient());

        for (int pod = 0; pod < 3; pod++) {
            assertEquals(
                    Map.of(FixedWish.ANNOTATION, "true", Retention.ANNOTATION, "36h"), workloads.wishes("shop", WEB));
        }
    }

    @Test
    void aWorkloadThatMayNotBeReadAsksForNothing() {
        api.expect().get().withPath(GROUP).andReturn(403, Map.of()).always();

        assertEquals(Map.of(), new CustomWorkloads(api.createClient()).wishes("shop", WEB));
    }
}
