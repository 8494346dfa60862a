package io.terway.eni;

import java.util.Objects;
import java.util.function.Function;

/** The answer of one cloud call: a value or a classified failure. A bug throws; the cloud's refusal never does. */
public sealed interface CloudResult<T> {

    record Ok<T>(T value) implements CloudResult<T> {
        public Ok {
            Objects.requireNonNull(value, "value");
        }
    }

    record Failed<T>(CloudFailure failure) implements CloudResult<T> {
        public Failed {
            Objects.requireNonNull(failure, "failure");
        }
    }

    /** What a call answers that has nothing to say. */
    enum Done {
        DONE
    }

    static <T> CloudResult<T> ok(T value) {
        return new Ok<>(value);
    }

    static <T> CloudResult<T> failed(CloudFailure failure) {
        return new Failed<>(failure);
    }

    default <R> CloudResult<R> map(Function<? super T, ? extends R> change) {
        return switch (this) {
            case Ok<T>(T value) -> ok(change.apply(value));
            case Failed<T>(CloudFailure failure) -> failed(failure);
        };
    }
}
