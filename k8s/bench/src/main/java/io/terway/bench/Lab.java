package io.terway.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A lab, driven through its command line as anybody would. */
public final class Lab implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path lab;
    private final Path state;

    private Lab(Path lab, Path state) {
        this.lab = lab;
        this.state = state;
    }

    /** Starts one with these options of {@code lab up}; what half came up is taken down again. */
    public static Lab up(Path root, Path state, String... options) {
        Lab started = new Lab(root.resolve("k8s/lab/lab"), state);
        try {
            started.require(Stream.concat(Stream.of("up"), Stream.of(options)).toArray(String[]::new));
            return started;
        } catch (Unmeasurable e) {
            started.close();
            throw e;
        }
    }

    /** What a command of the lab prints; it must succeed. */
    public String require(String... words) {
        return Command.require(command(words));
    }

    /** As {@link #require}, for a command that prints JSON. */
    public JsonNode json(String... words) {
        return read(require(words));
    }

    /** Where commands run on a node. */
    public Place node(String name) {
        return new Place(command("run", "--node", name, "--"));
    }

    /** Where commands run among the services. */
    public Place services() {
        return new Place(command("run", "--"));
    }

    public static JsonNode read(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new Unmeasurable("this is not JSON: " + text + " (" + e.getMessage() + ")");
        }
    }

    @Override
    public void close() {
        Command.run(command("down"));
    }

    private List<String> command(String... words) {
        List<String> all = new ArrayList<>(List.of(lab.toString(), words[0], "--state", state.toString()));
        Stream.of(words).skip(1).forEach(all::add);
        return all;
    }
}
