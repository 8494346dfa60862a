package io.terway.eni.grpc;

import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads fields of requests; a bad one is INVALID_ARGUMENT that names field and value. */
final class Fields {

    /** Characters of a refusal: it travels in a header, and a hostile value may be long. */
    private static final int MOST_TOLD = 400;

    private Fields() {}

    static <T> T read(String field, String text, Function<String, T> parse) {
        try {
            return parse.apply(text);
        } catch (IllegalArgumentException e) {
            throw invalid(field + ": " + e.getMessage());
        }
    }

    static <T> List<T> readAll(String field, List<String> texts, int limit, Function<String, T> parse) {
        if (texts.size() > limit) {
            throw invalid(field + ": " + texts.size() + " values, at most " + limit + " are allowed");
        }
        List<T> values = new ArrayList<>(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            values.add(read(field + "[" + i + "]", texts.get(i), parse));
        }
        return values;
    }

    static int count(String field, int value, int limit) {
        if (value < 0 || value > limit) {
            throw invalid(field + ": " + Integer.toUnsignedString(value) + " is not 0 to " + limit);
        }
        return value;
    }

    static RuntimeException invalid(String why) {
        String told = why.length() <= MOST_TOLD ? why : why.substring(0, MOST_TOLD) + "...";
        return Status.INVALID_ARGUMENT.withDescription(told).asRuntimeException();
    }
}
