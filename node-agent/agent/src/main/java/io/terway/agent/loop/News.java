package io.terway.agent.loop;

import java.util.concurrent.atomic.AtomicReference;

/** Tells what is worth a line in the log from what was said just before. About one subject; any thread. */
public final class News {

    private final AtomicReference<String> last = new AtomicReference<>("");

    /** True when this is not what was said last. */
    public boolean isNew(String text) {
        return !text.equals(last.getAndSet(text));
    }

    /** All is well again: the next trouble is news, even the same one. */
    public void over() {
        last.set("");
    }
}
