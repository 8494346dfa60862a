package io.terway.eni.sim.rpc;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * An answer or a part of one: names with values that are text, numbers, booleans, {@code Fields} or lists of these.
 * Absent values are left out.
 */
public final class Fields {

    private final Map<String, Object> values = new LinkedHashMap<>();

    public static Fields of() {
        return new Fields();
    }

    public Fields put(String name, String value) {
        values.put(name, value);
        return this;
    }

    public Fields put(String name, long value) {
        values.put(name, value);
        return this;
    }

    public Fields put(String name, double value) {
        values.put(name, value);
        return this;
    }

    public Fields put(String name, boolean value) {
        values.put(name, value);
        return this;
    }

    public Fields put(String name, Fields value) {
        values.put(name, value);
        return this;
    }

    /** A list as the cloud writes it: {@code outer:{inner:[...]}}. */
    public <T> Fields list(String outer, String inner, Collection<T> items, Function<T, Fields> each) {
        return put(outer, new Fields().raw(inner, items.stream().map(each).toList()));
    }

    /** A list without the cloud's wrapper. */
    public <T> Fields flat(String name, Collection<T> items, Function<T, Fields> each) {
        return raw(name, items.stream().map(each).toList());
    }

    /** A list of plain values as the cloud writes it. */
    public Fields texts(String outer, String inner, Collection<?> items) {
        return put(
                outer,
                new Fields().raw(inner, items.stream().map(Object::toString).toList()));
    }

    /** Everything of {@code other} after what is here. */
    public Fields merge(Fields other) {
        values.putAll(other.values);
        return this;
    }

    /** Puts a value that {@link #values} gave before. */
    public Fields restore(String name, Object value) {
        values.put(name, value);
        return this;
    }

    private Fields raw(String name, List<?> list) {
        values.put(name, list);
        return this;
    }

    /** In the order they were put. */
    public Map<String, Object> values() {
        return Collections.unmodifiableMap(values);
    }
}
