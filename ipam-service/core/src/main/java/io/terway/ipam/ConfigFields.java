package io.terway.ipam;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A JSON object being read key by key. Every key that is asked for is known; what is left over is refused by name. Problems
 * are collected, so that one look shows all of them.
 */
final class ConfigFields {

    private final String path;
    private final Map<String, Object> values;
    private final Set<String> known = new LinkedHashSet<>();
    private final List<ConfigFields> nested = new ArrayList<>();
    private final List<String> problems;
    private final List<String> remarks;

    ConfigFields(String path, Map<String, Object> values, List<String> problems, List<String> remarks) {
        this.path = path;
        this.values = new LinkedHashMap<>(values);
        this.values.values().removeIf(value -> value == null || value == JsonText.Null.VALUE);
        this.problems = problems;
        this.remarks = remarks;
    }

    boolean has(String key) {
        return values.get(key) != null;
    }

    /** A whole number in a range; a JSON string of digits is one too. */
    int number(String key, int otherwise, int min, int max) {
        known.add(key);
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        String text = value.toString();
        boolean whole = isNumber(value) && text.matches("-?[0-9]{1,9}");
        if (!whole || Integer.parseInt(text) < min || Integer.parseInt(text) > max) {
            problem(key, value, "a whole number from " + min + " to " + max);
            return otherwise;
        }
        return Integer.parseInt(text);
    }

    private static boolean isNumber(Object value) {
        return value instanceof Number || value instanceof JsonText.Number || value instanceof String;
    }

    boolean flag(String key, boolean otherwise) {
        known.add(key);
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        String text = value.toString();
        if (!text.equals("true") && !text.equals("false")) {
            problem(key, value, "true or false");
            return otherwise;
        }
        return Boolean.parseBoolean(text);
    }

    Optional<String> text(String key) {
        known.add(key);
        Object value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof String text) || text.length() > 4096) {
            problem(key, value, "a text of at most 4096 characters");
            return Optional.empty();
        }
        return Optional.of(text.strip()).filter(stripped -> !stripped.isEmpty());
    }

    /** One of a closed set of words, in any case. */
    <T> T choice(String key, T otherwise, Map<String, T> words) {
        Optional<String> text = text(key);
        if (text.isEmpty()) {
            return otherwise;
        }
        for (Map.Entry<String, T> word : words.entrySet()) {
            if (word.getKey().equalsIgnoreCase(text.get())) {
                return word.getValue();
            }
        }
        problem(key, text.get(), "one of " + String.join(", ", words.keySet()));
        return otherwise;
    }

    /** A list of texts, or one text with commas. */
    <T> List<T> list(String key, int most, String what, Function<String, T> parse) {
        known.add(key);
        Object value = values.get(key);
        List<?> items = switch (value) {
            case null -> List.of();
            case List<?> list -> list;
            case String text -> text.isBlank() ? List.of() : List.of(text.split(","));
            default -> List.of(value);
        };
        if (items.size() > most) {
            problem(key, items.size() + " entries", "at most " + most);
        }
        List<T> parsed = new ArrayList<>();
        for (Object item : items) {
            try {
                parsed.add(parse.apply(String.valueOf(item).strip()));
            } catch (IllegalArgumentException e) {
                problem(key, item, what + " (" + e.getMessage() + ")");
            }
        }
        return parsed;
    }

    /** A nested object; absent reads as empty. */
    ConfigFields object(String key) {
        known.add(key);
        var object = new ConfigFields(path + key + ".", map(key), problems, remarks);
        nested.add(object);
        return object;
    }

    /** A number that need not be whole, in a range. */
    double ratio(String key, double otherwise, double min, double max) {
        known.add(key);
        Object value = values.get(key);
        if (value == null) {
            return otherwise;
        }
        String text = value.toString();
        boolean number = isNumber(value) && text.matches("[0-9]{1,7}(\\.[0-9]{1,9})?");
        if (!number || Double.parseDouble(text) < min || Double.parseDouble(text) > max) {
            problem(key, value, "a number from " + min + " to " + max);
            return otherwise;
        }
        return Double.parseDouble(text);
    }

    /** Keys asked for so far, with their path; an object by its keys. */
    Set<String> knownKeys() {
        Set<String> keys = new LinkedHashSet<>();
        known.forEach(key -> keys.add(path + key));
        for (ConfigFields object : nested) {
            if (!object.known.isEmpty()) {
                keys.remove(object.path.substring(0, object.path.length() - 1));
                keys.addAll(object.knownKeys());
            }
        }
        return keys;
    }

    /** The raw entries of a nested object, all of whose keys are accepted. */
    Map<String, Object> map(String key) {
        known.add(key);
        Object value = values.get(key);
        Map<String, Object> entries = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, entry) -> entries.put(String.valueOf(name), entry));
        } else if (value != null) {
            problem(key, value, "an object");
        }
        return entries;
    }

    /** Accepts keys that another part reads. */
    void elsewhere(String... keys) {
        known.addAll(List.of(keys));
    }

    /** Accepts keys that change nothing here, and says so for those that are set. */
    void without(String why, String... keys) {
        for (String key : keys) {
            known.add(key);
            if (has(key)) {
                remarks.add(path + key + " is accepted and has no effect: " + why);
            }
        }
    }

    /** Refuses a key of the existing Terway by name when it is set to more than its neutral value. */
    void refused(String key, String why) {
        known.add(key);
        Object value = values.get(key);
        if (value != null && !value.equals(Boolean.FALSE) && !value.equals("")) {
            problems.add(path + key + " is '" + value + "'; it is not supported: " + why);
        }
    }

    void remark(String text) {
        remarks.add(text);
    }

    void problem(String key, Object value, String allowed) {
        problems.add(path + key + " is '" + value + "'; it must be " + allowed);
    }

    /** Names what nobody asked for without refusing it: an object that others may write to, too. */
    void remarkUnknown(String where) {
        values.keySet().stream()
                .filter(key -> !known.contains(key))
                .forEach(key -> remarks.add("key " + key + " of " + where + " is not read"));
    }

    /** Reports what nobody asked for. */
    void close() {
        for (String key : values.keySet()) {
            if (!known.contains(key)) {
                problems.add(path + key + " is not a known key; remove it or correct its spelling");
            }
        }
    }
}
