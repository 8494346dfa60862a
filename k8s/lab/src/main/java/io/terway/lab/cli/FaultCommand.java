package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.Refusal;
import io.terway.lab.cluster.Control;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "fault",
        description = {
            "Faults of the simulated cloud. ACTION is one of:",
            "  show | clear | set JSON|@FILE      the faults in force",
            "  calls | state                      what the cloud was asked, and what it holds",
            "  latencies JSON|@FILE               how long attach, detach and the like take",
            "  instance ID stop|start|release     what happens to a machine",
            "  vswitch ID exhaust|refill          a subnet without free addresses"
        })
final class FaultCommand implements Callable<Integer> {
    @ParentCommand
    Lab lab;

    @Parameters(arity = "1..3", paramLabel = "ACTION")
    List<String> words;

    /** A request to the simulator's control API. */
    record Call(String method, String path, String body) {}

    @Override
    public Integer call() {
        Call call = call(words);
        JsonNode answer = lab.ask(Control.request("fault")
                .put("method", call.method())
                .put("path", call.path())
                .put("body", call.body()));
        lab.print(answer, answer.toPrettyString());
        return 0;
    }

    static Call call(List<String> words) {
        String subject = words.size() == 3 ? words.get(1) : "";
        return switch (words.getFirst() + "/" + words.size()) {
            case "show/1" -> new Call("GET", "/faults", "");
            case "clear/1" -> new Call("DELETE", "/faults", "");
            case "set/2" -> new Call("PUT", "/faults", body(words.get(1)));
            case "calls/1" -> new Call("GET", "/calls", "");
            case "state/1" -> new Call("GET", "/state", "");
            case "latencies/2" -> new Call("PUT", "/latencies", body(words.get(1)));
            case "instance/3" ->
                new Call("POST", "/instances/" + subject + "/" + one(words.get(2), "stop", "start", "release"), "");
            case "vswitch/3" ->
                new Call("POST", "/vswitches/" + subject + "/" + one(words.get(2), "exhaust", "refill"), "");
            default ->
                throw new Refusal(
                        "lab fault does not know '" + String.join(" ", words) + "'; see lab fault --help",
                        Refusal.USAGE);
        };
    }

    private static String one(String word, String... allowed) {
        if (!List.of(allowed).contains(word)) {
            throw new Refusal("'" + word + "' is not one of " + String.join(", ", allowed), Refusal.USAGE);
        }
        return word;
    }

    private static String body(String word) {
        if (!word.startsWith("@")) {
            return word;
        }
        try {
            return Files.readString(Path.of(word.substring(1)));
        } catch (IOException e) {
            throw new Refusal(word.substring(1) + " cannot be read: " + e.getMessage());
        }
    }
}
