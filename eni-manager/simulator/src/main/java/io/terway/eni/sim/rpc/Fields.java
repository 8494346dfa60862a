package io.terway.eni.sim.rpc;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * An answer or a part of one: names with values that are text, numbers, booleans, {@code Fields} or lists of these.
 * Absent values are left out.
 */
public final class Fields {

    /** Names and values by turns. A page of 500 ENIs holds tens of thousands of these, most with one or two names. */
    private Object[] cells = new Object[4];

    private int used;

    public static Fields of() {
        return new Fields();
    }

    public Fields put(String name, String value) {
        return set(name, value);
    }

    public Fields put(String name, long value) {
        return set(name, value);
    }

    public Fields put(String name, double value) {
        return set(name, value);
    }

    public Fields put(String name, boolean value) {
        return set(name, value);
    }

    public Fields put(String name, Fields value) {
        return set(name, value);
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
        other.forEach(this::set);
        return this;
    }

    /** Puts a value that {@link #forEach} gave before. */
    public Fields restore(String name, Object value) {
        return set(name, value);
    }

    private Fields raw(String name, List<?> list) {
        return set(name, list);
    }

    private Fields set(String name, Object value) {
        for (int i = 0; i < used; i += 2) {
            if (cells[i].equals(name)) {
                cells[i + 1] = value;
                return this;
            }
        }
        if (used == cells.length) {
            cells = Arrays.copyOf(cells, 2 * used);
        }
        cells[used++] = name;
        cells[used++] = value;
        return this;
    }

    /** In the order they were put. */
    public void forEach(BiConsumer<String, Object> each) {
        for (int i = 0; i < used; i += 2) {
            each.accept((String) cells[i], cells[i + 1]);
        }
    }
}
