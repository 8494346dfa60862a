package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.Refusal;
import io.terway.lab.cluster.Control;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(name = "apply", description = "Creates or updates the Kubernetes objects of manifests.")
final class ApplyCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Option(
            names = "-f",
            required = true,
            paramLabel = "FILE",
            description = "YAML or JSON; - is standard input; may be repeated")
    List<String> files;

    @Override
    public Integer call() {
        List<String> applied = new ArrayList<>();
        JsonNode last = null;
        for (String file : files) {
            last = lab.ask(Control.request("apply").put("manifests", read(file)));
            last.path("applied").forEach(object -> applied.add(object.asText()));
        }
        lab.print(last, String.join("\n", applied));
        return 0;
    }

    private static String read(String file) {
        try {
            return file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new Refusal("-f " + file + " cannot be read: " + e.getMessage());
        }
    }
}
