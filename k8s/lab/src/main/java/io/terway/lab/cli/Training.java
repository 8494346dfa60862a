package io.terway.lab.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;

/** Loads what the lab's processes load, for the class archive that the build makes. Touches nothing. */
final class Training {

    private Training() {}

    public static void main(String[] arguments) throws IOException {
        StringWriter sink = new StringWriter();
        Lab.commandLine(new PrintWriter(sink), new PrintWriter(sink)).execute("pod", "add", "--help");
        new ObjectMapper().readTree("{\"a\":[1]}");
        new YAMLMapper().readTree("a: 1");
        Serialization.unmarshal("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"}}", Pod.class);
        Serialization.asJson(Serialization.unmarshal(
                "{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"x\"}}", Node.class));
    }
}
