package io.terway.policy.read;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One value of an object with the path that leads to it. A missing value and {@code null} are the same, as they are to
 * an API server.
 *
 * @param path as people write it: {@code spec.ingress[0].from}
 * @param value a map, a list, a scalar or null
 */
public record Field(String path, Object value) {

    /** Characters of a value that a message shows. */
    private static final int SHOWN = 60;

    /** The whole object. */
    public static Field root(Object object) {
        return new Field("", object);
    }

    /** True unless missing or null. */
    public boolean present() {
        return value != null;
    }

    /** A member of a map; missing if the map is. */
    public Field get(String key) {
        String at = path.isEmpty() ? key : path + "." + key;
        return new Field(at, value == null ? null : map().get(key));
    }

    /** The elements of a list; none if it is missing. */
    public List<Field> list() {
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> elements)) {
            throw wrong("a list");
        }
        List<Field> out = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
            out.add(new Field(path + "[" + i + "]", elements.get(i)));
        }
        return out;
    }

    /** A map with its keys as text; empty if it is missing. */
    public Map<String, Object> map() {
        if (value == null) {
            return Map.of();
        }
        if (!(value instanceof Map<?, ?> members)) {
            throw wrong("an object");
        }
        Map<String, Object> out = new LinkedHashMap<>();
        members.forEach((key, member) -> out.put(String.valueOf(key), member));
        return out;
    }

    /** A text; empty if it is missing. */
    public String text() {
        if (value == null) {
            return "";
        }
        if (!(value instanceof String text)) {
            throw wrong("a text");
        }
        return text;
    }

    /** A scalar as text, whatever YAML took it for; empty if it is missing. */
    public String scalar() {
        if (value instanceof Map || value instanceof List) {
            throw wrong("a text");
        }
        return value == null ? "" : value.toString();
    }

    /** A text that must be there. */
    public String required() {
        if (text().isEmpty()) {
            throw new Unreadable(this, "is missing");
        }
        return text();
    }

    /** A whole number. */
    public int number() {
        if (value instanceof Integer number) {
            return number;
        }
        if (value instanceof Short number) {
            return number;
        }
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        if (value instanceof BigInteger number && number.bitLength() < Integer.SIZE) {
            return number.intValue();
        }
        throw wrong("a whole number");
    }

    /** True or false; false if it is missing. */
    public boolean flag() {
        if (value == null) {
            return false;
        }
        if (!(value instanceof Boolean flag)) {
            throw wrong("true or false");
        }
        return flag;
    }

    /** Refuses members that are not among the known ones: one that we ignored could widen what the rest allows. */
    public Field only(String... known) {
        List<String> names = List.of(known);
        for (Map.Entry<String, Object> member : map().entrySet()) {
            if (member.getValue() != null && !names.contains(member.getKey())) {
                throw new Unreadable(get(member.getKey()), "this field is not supported");
            }
        }
        return this;
    }

    /** Reads with a record's own check, whose complaint gets this path. */
    public <T> T as(Function<Field, T> read) {
        try {
            return read.apply(this);
        } catch (IllegalArgumentException e) {
            throw new Unreadable(this, e.getMessage());
        }
    }

    /** A scalar as text, cut where it gets long; of what holds others only that it does: aliases make it endless. */
    String shown() {
        return switch (value) {
            case null -> "nothing";
            case Map<?, ?> _ -> "an object";
            case List<?> _ -> "a list";
            default -> {
                String text = String.valueOf(value);
                yield "'" + (text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text) + "'";
            }
        };
    }

    private Unreadable wrong(String wanted) {
        return new Unreadable(this, shown() + " is not " + wanted);
    }
}
