package io.terway.policy.read;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Collects what could not be read while the rest is read on. */
final class Faults {

    /** More faults in one policy are counted only. */
    private static final int LIMIT = 20;

    private final List<String> texts = new ArrayList<>();
    private int dropped;

    List<String> texts() {
        List<String> out = new ArrayList<>(texts);
        if (dropped > 0) {
            out.add("and " + dropped + " more");
        }
        return out;
    }

    void add(String text) {
        if (texts.size() < LIMIT) {
            texts.add(text);
        } else {
            dropped++;
        }
    }

    /** The value, or empty with a fault. */
    <T> Optional<T> attempt(Supplier<T> read) {
        try {
            return Optional.of(read.get());
        } catch (Unreadable e) {
            add(e.getMessage());
            return Optional.empty();
        }
    }

    /** The readable elements; each unreadable one is a fault. */
    <T> List<T> each(List<Field> elements, Function<Field, T> read) {
        List<T> out = new ArrayList<>();
        for (Field element : elements) {
            attempt(() -> read.apply(element)).ifPresent(out::add);
        }
        return out;
    }
}
