package io.terway.agent.policy;

import java.util.function.BooleanSupplier;

/** Keeps frames that no policy has judged off the link of one pod, where the kernel can; see FrameText. One thread. */
final class FrameGuard {

    private final EphemeralKernel kernel;
    private final String link;
    private final BooleanSupplier able;
    private boolean connected;
    private boolean made;
    private boolean wanted = true;

    /** @param able whether the kernel can */
    FrameGuard(EphemeralKernel kernel, String link, BooleanSupplier able) {
        this.kernel = kernel;
        this.link = link;
        this.able = able;
    }

    /** The link is there, maybe anew. */
    void connected() {
        connected = true;
        made = false;
    }

    /** It is made anew: what is there may be another's work. */
    void suspect() {
        made = false;
    }

    /** Somebody committed this generation. */
    void suspect(int generation) {
        if (!kernel.made(generation)) {
            made = false;
        }
    }

    /**
     * Makes it, or takes it away.
     *
     * @throws PolicyFailure when the kernel refuses what it can do; tried again
     */
    void bringInStep(boolean judging) {
        if (judging != wanted) {
            wanted = judging;
            made = false;
        }
        if (!made && connected && able.getAsBoolean()) {
            kernel.guard(link, wanted);
            made = true;
        }
    }
}
