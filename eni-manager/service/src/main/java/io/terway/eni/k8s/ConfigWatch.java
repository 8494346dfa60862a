package io.terway.eni.k8s;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.terway.eni.config.LiveConfig;
import io.terway.link.PatientWatch;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;

/**
 * Follows the ConfigMap eni-config without a restart. ipam-service reads it too and judges its own keys. A
 * refusal is an event on the ConfigMap.
 */
public final class ConfigWatch implements AutoCloseable {

    public static final String NAME = "eni-config";

    private static final Logger LOG = Logger.getLogger(ConfigWatch.class);
    private static final int MESSAGE_LIMIT = 1_000;

    private final KubernetesClient client;
    private final String namespace;
    private final LiveConfig live;
    private final SharedIndexInformer<ConfigMap> informer;
    private List<String> said = List.of(); // guarded by this

    public ConfigWatch(KubernetesClient client, String namespace, LiveConfig live) {
        this.client = client;
        this.namespace = namespace;
        this.live = live;
        informer = client.configMaps().inNamespace(namespace).withName(NAME).runnableInformer(0);
        informer.exceptionHandler(new PatientWatch("the ConfigMap " + NAME));
        informer.addEventHandler(new ResourceEventHandler<>() {
            @Override
            public void onAdd(ConfigMap map) {
                changed(map);
            }

            @Override
            public void onUpdate(ConfigMap before, ConfigMap map) {
                changed(map);
            }

            @Override
            public void onDelete(ConfigMap map, boolean finalStateUnknown) {
                LOG.warnf("ConfigMap %s was deleted; what it said last stays in force", NAME);
            }
        });
        informer.start();
    }

    @Override
    public void close() {
        informer.stop();
    }

    private synchronized void changed(ConfigMap map) {
        List<String> problems = live.take(map.getData() == null ? Map.of() : map.getData());
        if (problems.isEmpty()) {
            LOG.infof("eni-config is in force: %s", live.get());
        } else if (!problems.equals(said)) {
            String text = String.join("; ", problems);
            LOG.errorf("eni-config is refused, the last good one stays: %s", text);
            tell(text);
        }
        said = problems;
    }

    private void tell(String text) {
        String now = Instant.now().toString();
        try {
            client.v1()
                    .events()
                    .inNamespace(namespace)
                    .resource(new EventBuilder()
                            .withNewMetadata()
                            .withGenerateName("terway-eni-")
                            .withNamespace(namespace)
                            .endMetadata()
                            .withType("Warning")
                            .withReason("EniConfigRefused")
                            .withMessage(text.length() > MESSAGE_LIMIT ? text.substring(0, MESSAGE_LIMIT) : text)
                            .withFirstTimestamp(now)
                            .withLastTimestamp(now)
                            .withCount(1)
                            .withNewSource()
                            .withComponent("terway-eni")
                            .endSource()
                            .withNewInvolvedObject()
                            .withApiVersion("v1")
                            .withKind("ConfigMap")
                            .withNamespace(namespace)
                            .withName(NAME)
                            .endInvolvedObject()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            LOG.warnf("the event about it was not written: %s", e.getMessage());
        }
    }
}
