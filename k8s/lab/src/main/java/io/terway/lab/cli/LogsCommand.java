package io.terway.lab.cli;

import io.terway.lab.Refusal;
import io.terway.lab.cluster.Layout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(name = "logs", description = "Prints a component's log.")
final class LogsCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Parameters(paramLabel = "COMPONENT", description = "as lab status lists them, or supervisor")
    String component;

    @Option(
            names = {"-f", "--follow"},
            description = "go on as it grows")
    boolean follow;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Layout layout = lab.layout();
        Path log = component.equals("supervisor") ? layout.state().resolve("supervisor.log") : layout.log(component);
        if (component.contains("/") || !Files.exists(log)) {
            throw new Refusal("no log of '" + component + "' in " + layout.state() + "; there are " + names(layout));
        }
        if (follow) {
            return new ProcessBuilder("tail", "-n", "+1", "-F", log.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
        }
        lab.out().flush();
        Files.copy(log, System.out);
        System.out.flush();
        return 0;
    }

    private static String names(Layout layout) throws IOException {
        Path directory = layout.state().resolve("log");
        if (!Files.isDirectory(directory)) {
            return "none";
        }
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = files.map(file -> file.getFileName().toString().replaceFirst("\\.log$", ""))
                    .sorted()
                    .toList();
            return String.join(", ", names);
        }
    }
}
