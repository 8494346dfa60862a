package io.terway.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Somewhere commands run: a node of the lab, or namespaces of our own.
 *
 * @param enter the words that lead there, before the command
 */
public record Place(List<String> enter) {

    public Place {
        enter = List.copyOf(enter);
    }

    /** What a command there prints; it must succeed. */
    public String require(String... command) {
        return Command.require(words(List.of(command)));
    }

    /** Makes ({@code add}) or removes ({@code del}) the network namespaces of pods. */
    public void netns(String verb, List<String> pods) {
        require("sh", "-c", "for p in " + String.join(" ", pods) + "; do ip netns " + verb + " $p; done");
    }

    /** Runs with this file as standard input. */
    public Command.Finished run(List<String> command, Path stdin) {
        return Command.run(words(command), stdin);
    }

    /** What runs this command there. */
    public List<String> words(List<String> command) {
        List<String> all = new ArrayList<>(enter);
        all.addAll(command);
        return all;
    }
}
