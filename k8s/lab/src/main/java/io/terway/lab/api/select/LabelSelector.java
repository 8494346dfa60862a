package io.terway.lab.api.select;

import com.fasterxml.jackson.databind.JsonNode;
import io.terway.lab.api.object.Names;
import io.terway.lab.api.object.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A label selector of a request: equality and set based requirements, all of which must hold. */
public record LabelSelector(List<Requirement> requirements) {

    /** Requirements one selector may have. */
    private static final int MAX_REQUIREMENTS = 1_000;

    public LabelSelector {
        requirements = List.copyOf(requirements);
    }

    /** What one key must satisfy. */
    sealed interface Requirement {
        String key();

        record In(String key, Set<String> values) implements Requirement {}

        record NotIn(String key, Set<String> values) implements Requirement {}

        record Exists(String key) implements Requirement {}

        record Absent(String key) implements Requirement {}
    }

    /**
     * Reads the text form, as {@code a=b,c!=d,e in (f,g),h,!i}.
     *
     * @throws Refusal BadRequest when the text is no selector
     */
    public static LabelSelector parse(String text) {
        List<Requirement> out = new ArrayList<>();
        for (String part : split(text)) {
            if (out.size() >= MAX_REQUIREMENTS) {
                throw Refusal.badRequest("a label selector has at most " + MAX_REQUIREMENTS + " requirements");
            }
            out.add(requirement(part.strip(), text));
        }
        return new LabelSelector(out);
    }

    public boolean matches(JsonNode labels) {
        for (Requirement requirement : requirements) {
            if (!holds(requirement, labels.path(requirement.key()))) {
                return false;
            }
        }
        return true;
    }

    private static boolean holds(Requirement requirement, JsonNode value) {
        return switch (requirement) {
            case Requirement.In in -> value.isTextual() && in.values().contains(value.asText());
            case Requirement.NotIn notIn ->
                !value.isTextual() || !notIn.values().contains(value.asText());
            case Requirement.Exists exists -> value.isTextual();
            case Requirement.Absent absent -> !value.isTextual();
        };
    }

    private static Requirement requirement(String part, String whole) {
        if (part.startsWith("!")) {
            return new Requirement.Absent(key(part.substring(1), whole));
        }
        if (part.endsWith(")")) {
            return set(part, whole);
        }
        int equals = part.indexOf('=');
        if (equals < 0) {
            return new Requirement.Exists(key(part, whole));
        }
        boolean not = equals > 0 && part.charAt(equals - 1) == '!';
        boolean twice = equals + 1 < part.length() && part.charAt(equals + 1) == '=';
        String key = key(part.substring(0, not ? equals - 1 : equals), whole);
        Set<String> value = Set.of(value(part.substring(equals + (twice ? 2 : 1)), whole));
        return not ? new Requirement.NotIn(key, value) : new Requirement.In(key, value);
    }

    private static Requirement set(String part, String whole) {
        int open = part.indexOf('(');
        String[] head =
                open < 0 ? new String[0] : part.substring(0, open).strip().split("\\s+");
        if (head.length != 2) {
            throw unparsable(whole);
        }
        Set<String> values = new TreeSet<>();
        for (String value : part.substring(open + 1, part.length() - 1).split(",", -1)) {
            values.add(value(value, whole));
        }
        return switch (head[1]) {
            case "in" -> new Requirement.In(key(head[0], whole), values);
            case "notin" -> new Requirement.NotIn(key(head[0], whole), values);
            default -> throw unparsable(whole);
        };
    }

    private static String key(String text, String whole) {
        String key = text.strip();
        if (!Names.qualified(key)) {
            throw unparsable(whole);
        }
        return key;
    }

    private static String value(String text, String whole) {
        String value = text.strip();
        if (!value.isEmpty() && (!Names.qualified(value) || value.indexOf('/') >= 0)) {
            throw unparsable(whole);
        }
        return value;
    }

    /** Splits at commas outside parentheses; an empty text has no parts. */
    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth == 0) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        if (!text.isBlank()) {
            parts.add(text.substring(start));
        }
        return parts;
    }

    private static Refusal unparsable(String whole) {
        return Refusal.badRequest("unable to parse requirement: '" + whole + "' is not a label selector");
    }
}
