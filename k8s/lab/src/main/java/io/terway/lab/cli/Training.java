package io.terway.lab.cli;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.terway.eni.sim.EcsSimulator;
import io.terway.eni.sim.Options;
import io.terway.eni.sim.Scenario;
import io.terway.eni.sim.VpcObserver;
import io.terway.lab.Shell;
import io.terway.lab.api.ApiOptions;
import io.terway.lab.api.EmbeddedApi;
import io.terway.lab.cluster.Kube;
import io.terway.net.InstanceType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Uses what the lab's processes use, on loopback, for the class archive that the build makes. */
final class Training {

    private Training() {}

    public static void main(String[] arguments) throws IOException {
        StringWriter sink = new StringWriter();
        Lab.commandLine(new PrintWriter(sink), new PrintWriter(sink)).execute("pod", "add", "--help");
        new YAMLMapper().readTree("a: 1");
        Path state = Files.createTempDirectory("terway-lab-training");
        try (EcsSimulator cloud = EcsSimulator.start(
                        Scenario.lab(2, new InstanceType("ecs.g7.xlarge"), false),
                        Options.defaults(),
                        VpcObserver.NONE);
                EmbeddedApi api = EmbeddedApi.start(ApiOptions.of("127.0.0.1", 0, state.resolve("api.json")))) {
            api.writeKubeconfig(state.resolve("kubeconfig"));
            try (Kube kube = Kube.open(state.resolve("kubeconfig"))) {
                kube.ensureNamespace("training");
                kube.apply("apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: training}\n"
                        + "spec: {containers: [{name: x, image: x}]}\n");
                Node node = new NodeBuilder()
                        .withNewMetadata()
                        .withName(cloud.scenario().region())
                        .endMetadata()
                        .build();
                kube.client().resource(node).create();
            }
        } finally {
            Shell.run(List.of("rm", "-rf", state.toString()), "");
        }
        System.exit(0);
    }
}
