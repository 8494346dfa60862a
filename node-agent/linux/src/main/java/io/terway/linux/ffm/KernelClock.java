package io.terway.linux.ffm;

/** What the kernel knows of the machine's clock. */
public final class KernelClock {

    /** Nobody has set it from a source of time lately. */
    private static final int TIME_ERROR = 5;

    private KernelClock() {}

    /** True while somebody keeps it right; where the kernel does not say, it is taken to be. */
    public static boolean isKept() {
        return !(Libc.clockState() instanceof Syscall.Ok(long state) && state == TIME_ERROR);
    }
}
