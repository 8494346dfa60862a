package io.terway.eni.state;

import java.io.UncheckedIOException;

/** One text that every replica sees: a ConfigMap, or a file where there is no Kubernetes. Calls block. */
public interface StateStore {

    /** Most characters of the text; a ConfigMap takes a little more. */
    int MAX_CHARS = 900_000;

    /** @param version tells whether somebody saved since; empty when nothing was saved yet */
    record Saved(String text, String version) {}

    /** Somebody saved since. */
    final class Conflict extends RuntimeException {
        private static final long serialVersionUID = 1;

        public Conflict() {
            super("somebody else saved the state", null, false, false);
        }
    }

    /** @throws UncheckedIOException when it cannot be read */
    Saved load();

    /**
     * Saves a text in place of that version; it survives a crash of everything from then on.
     *
     * @throws Conflict when that is not the last version
     * @throws UncheckedIOException when it cannot be saved, or nobody knows whether it was
     */
    Saved save(Saved next);
}
