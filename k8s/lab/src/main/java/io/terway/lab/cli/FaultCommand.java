package io.terway.lab.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import io.terway.lab.cluster.Control;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

@Command(
        name = "fault",
        sortOptions = false,
        description = {
            "Faults of the simulated cloud. ACTION is one of:",
            "",
            "  show                               the faults in force, and how many calls they struck",
            "  clear                              none any more",
            "  profiles                           ready-made sets of faults and what each is for",
            "  profile NAME [SEED]                puts one in force: throttled, flaky, eventual, stuck, hanging,",
            "                                     outage, forbidden, full",
            "  add EFFECT [ACTION] [KEY=VALUE]... one fault more; ACTION is a cloud API action, default all",
            "  set JSON|@FILE                     replaces all: {\"seed\":7,\"faults\":[{\"effect\":...}]}",
            "  calls | state                      what the cloud was asked, and what it holds",
            "  latencies JSON|@FILE               ms of attach, memberAttach, detach, delete, addressing, route,",
            "                                     visibility, metadata",
            "  instance ID stop|start|release     what happens to a machine",
            "  vswitch ID exhaust|refill          a subnet without free addresses",
            "",
            "EFFECT strikes calls, with probability=0..1 (default 1) and times=N (default without end):",
            "  throttle qps=N burst=N             Throttling.User beyond that rate, each action by itself",
            "  fail status=N code=CODE            an error without anything done",
            "  forbid                             Forbidden.RAM",
            "  quota code=CODE                    403, default MaxEniCountExceeded",
            "  hang                               no answer, nothing done",
            "  lose-answer                        done, and the connection cut instead of an answer",
            "  delay millis=N                     done, answered late",
            "  duplicate                          done twice, as a network that repeats a request",
            "or holds until it is cleared:",
            "  stuck-attach, stuck-detach         attaches or detaches never end",
            "  stale-reads millis=N               reads show ENIs as they were",
            "  metadata-lag millis=N              instance metadata does",
            "  clock-skew millis=N                the cloud's clock runs ahead",
            "  exhaust vswitch=ID                 no free address there",
            "",
            "The same seed and the same calls meet the same fates. For example:",
            "  lab fault add fail CreateNetworkInterface status=500 code=InternalError times=3",
            "  lab fault add throttle qps=2 burst=5",
            "  lab fault profile flaky 7"
        })
final class FaultCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @ParentCommand
    Lab lab;

    @Parameters(arity = "1..*", paramLabel = "ACTION")
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
        if (words.getFirst().equals("add") && words.size() > 1) {
            return new Call("POST", "/faults", fault(words.subList(1, words.size())));
        }
        String subject = words.size() == 3 ? words.get(1) : "";
        return switch (words.getFirst() + "/" + words.size()) {
            case "show/1" -> new Call("GET", "/faults", "");
            case "profiles/1" -> new Call("GET", "/faults/profiles", "");
            case "profile/2" -> new Call("PUT", "/faults", profile(words.get(1), "1"));
            case "profile/3" -> new Call("PUT", "/faults", profile(words.get(1), words.get(2)));
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

    private static String profile(String name, String seed) {
        return JSON.createObjectNode()
                .put("profile", name)
                .put("seed", number(seed, "the seed").longValue())
                .toString();
    }

    /** EFFECT [ACTION] [KEY=VALUE]... as the JSON of one fault. */
    private static String fault(List<String> words) {
        ObjectNode fault = JSON.createObjectNode().put("effect", words.getFirst());
        for (String word : words.subList(1, words.size())) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                fault.put("action", word);
            } else {
                put(fault, word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return fault.toString();
    }

    private static void put(ObjectNode fault, String key, String value) {
        switch (key) {
            case "code", "message", "vswitch", "action" -> fault.put(key, value);
            default -> fault.put(key, number(value, key));
        }
    }

    private static BigDecimal number(String text, String what) {
        try {
            return new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new Refusal(what + " must be a number, not '" + text + "'", Refusal.USAGE);
        }
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
