package io.terway.lab.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Binding;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodList;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs as the client library of the services uses them. */
class ClientIT {

    static final String WIDGETS = """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: widgets.lab.terway.io}
            spec:
              group: lab.terway.io
              scope: Namespaced
              names: {plural: widgets, kind: Widget, shortNames: [wd]}
              versions:
              - name: v1
                served: true
                storage: true
                subresources: {status: {}}
                additionalPrinterColumns:
                - {name: Size, type: integer, jsonPath: .spec.size}
                - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
                - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec:
                        type: object
                        required: [size]
                        properties:
                          size: {type: integer, minimum: 1}
                          color: {type: string, default: red}
                      status: {type: object, x-kubernetes-preserve-unknown-fields: true}
            """;

    private static final ResourceDefinitionContext WIDGET = new ResourceDefinitionContext.Builder()
            .withGroup("lab.terway.io")
            .withVersion("v1")
            .withKind("Widget")
            .withPlural("widgets")
            .withNamespaced(true)
            .build();

    @TempDir
    Path directory;

    private ApiFixture fixture;

    @BeforeEach
    void start() throws IOException {
        fixture = ApiFixture.in(directory);
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
    }

    private Pod create(Pod pod) {
        return fixture.client.pods().resource(pod).create();
    }

    private Pod get(String name) {
        return fixture.client.pods().withName(name).get();
    }

    @Test
    void createdPodsGetIdentityAndDefaults() {
        Pod created = create(ApiFixture.pod("a"));

        assertNotNull(created.getMetadata().getUid());
        assertEquals("Pending", created.getStatus().getPhase());
        assertEquals("Always", created.getSpec().getRestartPolicy());
        assertEquals(created, get("a"));
    }

    @Test
    void aNameIsTakenOnce() {
        create(ApiFixture.pod("a"));

        KubernetesClientException refused =
                assertThrows(KubernetesClientException.class, () -> create(ApiFixture.pod("a")));

        assertEquals(409, refused.getCode());
        assertEquals("AlreadyExists", refused.getStatus().getReason());
    }

    @Test
    void generatedNamesDiffer() {
        Pod base = ApiFixture.pod("a")
                .edit()
                .editMetadata()
                .withName(null)
                .withGenerateName("web-")
                .endMetadata()
                .build();

        String first = create(base).getMetadata().getName();
        String second = create(base).getMetadata().getName();

        assertTrue(first.startsWith("web-") && !first.equals(second), first + " " + second);
    }

    @Test
    void anUpdateOfAnOldVersionConflicts() {
        Lease lease = fixture.client
                .leases()
                .resource(new LeaseBuilder()
                        .withNewMetadata()
                        .withName("terway-ipam")
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .withHolderIdentity("a")
                        .withRenewTime(ZonedDateTime.parse("2026-01-01T00:00:00.123456Z"))
                        .endSpec()
                        .build())
                .create();
        fixture.client
                .leases()
                .resource(new LeaseBuilder(lease)
                        .editSpec()
                        .withHolderIdentity("b")
                        .endSpec()
                        .build())
                .lockResourceVersion(lease.getMetadata().getResourceVersion())
                .update();

        KubernetesClientException refused = assertThrows(
                KubernetesClientException.class,
                () -> fixture.client
                        .leases()
                        .resource(new LeaseBuilder(lease)
                                .editSpec()
                                .withHolderIdentity("c")
                                .endSpec()
                                .build())
                        .lockResourceVersion(lease.getMetadata().getResourceVersion())
                        .update());

        assertEquals(409, refused.getCode());
        assertEquals(
                "b",
                fixture.client.leases().withName("terway-ipam").get().getSpec().getHolderIdentity());
    }

    @Test
    void statusChangesOnlyThroughItsSubresource() {
        Pod pod = create(ApiFixture.pod("a"));
        Pod running = new PodBuilder(pod)
                .editMetadata()
                .withResourceVersion(null)
                .endMetadata()
                .editStatus()
                .withPhase("Running")
                .withPodIP("10.0.64.5")
                .endStatus()
                .build();

        fixture.client.pods().resource(running).update();
        String afterUpdate = get("a").getStatus().getPhase();
        fixture.client.pods().resource(running).updateStatus();

        assertEquals("Pending", afterUpdate);
        assertEquals("10.0.64.5", get("a").getStatus().getPodIP());
    }

    @Test
    void aPatchOfEachKindChangesThePod() {
        create(ApiFixture.pod("a"));
        var pod = fixture.client.pods().withName("a");

        pod.patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"labels\":{\"merge\":\"1\"}}}");
        pod.patch(
                PatchContext.of(PatchType.JSON),
                "[{\"op\":\"add\",\"path\":\"/metadata/labels/json\",\"value\":\"1\"}]");
        pod.patch(
                PatchContext.of(PatchType.STRATEGIC_MERGE),
                "{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"nginx:2\"}]}}");

        Pod patched = get("a");
        assertEquals(
                java.util.Map.of("app", "a", "merge", "1", "json", "1"),
                patched.getMetadata().getLabels());
        assertEquals("nginx:2", patched.getSpec().getContainers().getFirst().getImage());
    }

    @Test
    void applyingLessRemovesWhatThisManagerAppliedBefore() {
        ConfigMap two = new ConfigMapBuilder()
                .withNewMetadata()
                .withName("m")
                .withNamespace("default")
                .endMetadata()
                .addToData("a", "1")
                .addToData("b", "2")
                .build();
        fixture.client.configMaps().resource(two).serverSideApply();
        fixture.client
                .configMaps()
                .withName("m")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"data\":{\"other\":\"3\"}}");

        fixture.client
                .configMaps()
                .resource(new ConfigMapBuilder(two).removeFromData("b").build())
                .serverSideApply();

        assertEquals(
                java.util.Map.of("a", "1", "other", "3"),
                fixture.client.configMaps().withName("m").get().getData());
    }

    @Test
    void selectorsChooseByLabelsAndFields() {
        create(ApiFixture.pod("a"));
        create(new PodBuilder(ApiFixture.pod("b"))
                .editSpec()
                .withNodeName("n2")
                .endSpec()
                .build());
        create(ApiFixture.pod("c"));

        PodList byNode = fixture.client
                .pods()
                .inAnyNamespace()
                .withField("spec.nodeName", "n1")
                .list();
        PodList byLabel = fixture.client
                .pods()
                .withLabelIn("app", "a", "b")
                .withoutLabel("app", "a")
                .list();

        assertEquals(2, byNode.getItems().size());
        assertEquals("b", byLabel.getItems().getFirst().getMetadata().getName());
        assertEquals(1, byLabel.getItems().size());
    }

    @Test
    void pagesShowOneStateThoughItChanges() {
        for (int i = 0; i < 5; i++) {
            create(ApiFixture.pod("p" + i));
        }
        PodList first = fixture.client
                .pods()
                .list(new ListOptionsBuilder().withLimit(2L).build());
        fixture.client.pods().withName("p4").delete();

        PodList second = fixture.client
                .pods()
                .list(new ListOptionsBuilder()
                        .withLimit(5L)
                        .withContinue(first.getMetadata().getContinue())
                        .build());

        assertEquals(3, second.getItems().size());
        assertEquals(
                first.getMetadata().getResourceVersion(), second.getMetadata().getResourceVersion());
    }

    @Test
    void finalizersHoldADeletedObject() {
        create(new PodBuilder(ApiFixture.pod("a"))
                .editMetadata()
                .addToFinalizers("terway.io/pod")
                .endMetadata()
                .build());

        fixture.client.pods().withName("a").delete();
        Pod held = get("a");
        fixture.client
                .pods()
                .withName("a")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"metadata\":{\"finalizers\":null}}");

        assertNotNull(held.getMetadata().getDeletionTimestamp());
        assertNull(get("a"));
    }

    @Test
    void dependentsGoWithTheirOwner() {
        Pod owner = create(ApiFixture.pod("owner"));
        create(new PodBuilder(ApiFixture.pod("child"))
                .editMetadata()
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withName("owner")
                        .withUid(owner.getMetadata().getUid())
                        .build())
                .endMetadata()
                .build());

        fixture.client.pods().withName("owner").delete();

        assertNull(get("child"));
    }

    @Test
    void aNamespaceTakesItsContentWithIt() {
        fixture.client
                .namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName("foo")
                        .endMetadata()
                        .build())
                .create();
        fixture.client
                .pods()
                .inNamespace("foo")
                .resource(inFoo(ApiFixture.pod("a")))
                .create();

        fixture.client.namespaces().withName("foo").delete();

        assertNull(fixture.client.namespaces().withName("foo").get());
        assertEquals(0, fixture.client.pods().inAnyNamespace().list().getItems().size());
    }

    @Test
    void nothingIsCreatedInAnAbsentNamespace() {
        KubernetesClientException refused = assertThrows(
                KubernetesClientException.class,
                () -> fixture.client
                        .pods()
                        .inNamespace("foo")
                        .resource(inFoo(ApiFixture.pod("a")))
                        .create());

        assertEquals(404, refused.getCode());
    }

    @Test
    void servicesGetAddressesOfTheRange() {
        Service service = fixture.client
                .services()
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName("web")
                        .withNamespace("default")
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build())
                .create();

        assertEquals("172.16.0.16", service.getSpec().getClusterIP());
        assertEquals("TCP", service.getSpec().getPorts().getFirst().getProtocol());
    }

    @Test
    void bindingAssignsAPodOnce() {
        create(new PodBuilder(ApiFixture.pod("a"))
                .editSpec()
                .withNodeName(null)
                .endSpec()
                .build());
        Binding binding = new BindingBuilder()
                .withNewMetadata()
                .withName("a")
                .withNamespace("default")
                .endMetadata()
                .withNewTarget()
                .withKind("Node")
                .withName("n7")
                .endTarget()
                .build();

        fixture.client.bindings().inNamespace("default").resource(binding).create();

        assertEquals("n7", get("a").getSpec().getNodeName());
    }

    @Test
    void issuedTokensAreReviewedAsTheirAccount() {
        TokenRequest issued = fixture.client
                .serviceAccounts()
                .withName("default")
                .tokenRequest(new TokenRequestBuilder().withNewSpec().endSpec().build());
        TokenReview review = fixture.client
                .resource(new TokenReviewBuilder()
                        .withNewSpec()
                        .withToken(issued.getStatus().getToken())
                        .endSpec()
                        .build())
                .create();

        assertEquals(
                "system:serviceaccount:default:default",
                review.getStatus().getUser().getUsername());
    }

    @Test
    void customResourcesAreServedCheckedAndFilled() {
        define();

        GenericKubernetesResource created = widget("{\"size\":3}");
        KubernetesClientException refused =
                assertThrows(KubernetesClientException.class, () -> widget("{\"size\":\"three\"}"));

        assertEquals("red", created.get("spec", "color"));
        assertEquals(1L, created.getMetadata().getGeneration());
        assertEquals(422, refused.getCode());
    }

    @Test
    void objectsAndVersionsOutliveTheServer() throws IOException {
        define();
        widget("{\"size\":3}");
        Pod before = create(ApiFixture.pod("a"));
        fixture.client.pods().withName("a").delete();
        Pod again = create(ApiFixture.pod("a"));

        fixture.restart();

        assertEquals(again, get("a"));
        assertEquals(
                1,
                fixture.client
                        .genericKubernetesResources(WIDGET)
                        .list()
                        .getItems()
                        .size());
        long next = version(create(ApiFixture.pod("b")));
        assertTrue(next > version(again) && version(again) > version(before), "versions went back to " + next);
    }

    private static long version(Pod pod) {
        return Long.parseLong(pod.getMetadata().getResourceVersion());
    }

    private static Pod inFoo(Pod pod) {
        return new PodBuilder(pod)
                .editMetadata()
                .withNamespace("foo")
                .endMetadata()
                .build();
    }

    private void define() {
        fixture.client
                .load(new ByteArrayInputStream(WIDGETS.getBytes(StandardCharsets.UTF_8)))
                .create();
    }

    private GenericKubernetesResource widget(String spec) {
        return fixture.client
                .genericKubernetesResources(WIDGET)
                .load(new ByteArrayInputStream(("{\"apiVersion\":\"lab.terway.io/v1\",\"kind\":\"Widget\",\"metadata\":"
                                + "{\"generateName\":\"w-\",\"namespace\":\"default\"},\"spec\":" + spec + "}")
                        .getBytes(StandardCharsets.UTF_8)))
                .create();
    }
}
