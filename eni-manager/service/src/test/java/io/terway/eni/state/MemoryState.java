package io.terway.eni.state;

import java.io.IOException;
import java.io.UncheckedIOException;

/** A state object as the API server keeps one: versions, conflicts, and answers that get lost on command. */
public final class MemoryState implements StateStore {

    private String text = "";
    private long version;
    private boolean down;
    private boolean loseNextAnswer;
    private int saves;

    @Override
    public synchronized Saved load() {
        available();
        return new Saved(text, version());
    }

    @Override
    public synchronized Saved save(Saved next) {
        available();
        if (!next.version().equals(version())) {
            throw new Conflict();
        }
        text = next.text();
        version++;
        saves++;
        if (loseNextAnswer) {
            loseNextAnswer = false;
            throw new UncheckedIOException(new IOException("no answer"));
        }
        return new Saved(text, version());
    }

    private String version() {
        return version == 0 ? "" : Long.toString(version);
    }

    private void available() {
        if (down) {
            throw new UncheckedIOException(new IOException("the API server is down"));
        }
    }

    public synchronized void down(boolean is) {
        down = is;
    }

    synchronized void loseNextAnswer() {
        loseNextAnswer = true;
    }

    synchronized int saves() {
        return saves;
    }
}
