package io.terway.lab.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What the demo did, told line by line with the time since its start, and in one table at the end. */
final class DemoReport {
    private final long begun = System.nanoTime();
    private final Consumer<String> out;
    private final List<Step> steps = new ArrayList<>();

    private record Step(String name, boolean ok, String detail) {}

    DemoReport(Consumer<String> out) {
        this.out = out;
    }

    /** A line of progress. */
    void say(String text) {
        out.accept("[%6.1f s] %s"
                .formatted(Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1e3, text));
    }

    /** A line as another program printed it. */
    void quote(String text) {
        out.accept(text);
    }

    void step(String name, boolean ok, String detail) {
        steps.add(new Step(name, ok, detail));
        say((ok ? "ok    " : "FAILED ") + name + ": " + detail);
    }

    /** The demo cannot go on. */
    void failed(String why) {
        step("demo", false, why);
    }

    boolean passed() {
        return !steps.isEmpty() && steps.stream().allMatch(Step::ok);
    }

    String summary() {
        Table table = new Table("STEP", "RESULT", "DETAIL");
        steps.forEach(step -> table.row(step.name(), step.ok() ? "ok" : "FAILED", step.detail()));
        long failed = steps.stream().filter(step -> !step.ok()).count();
        return "\n" + table + "\n"
                + (passed()
                        ? "all " + steps.size() + " steps passed"
                        : failed + " of " + steps.size() + " steps failed")
                + " in %.1f s"
                        .formatted(Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1e3);
    }

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("passed", passed());
        json.put("seconds", Duration.ofNanos(System.nanoTime() - begun).toMillis() / 1e3);
        ArrayNode list = json.putArray("steps");
        steps.forEach(step ->
                list.addObject().put("name", step.name()).put("ok", step.ok()).put("detail", step.detail()));
        return json;
    }
}
