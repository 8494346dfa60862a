package io.terway.linux.ffm;

/** The kernel refused an operation whose refusal the caller did not plan for. */
public final class KernelRefusal extends RuntimeException {

    private final transient Errno errno;
    private final String what;
    private final String text;

    /**
     * @param what the operation and its object
     * @param errno the error number
     * @param text the kernel's own words (netlink extended ack), or empty
     */
    public KernelRefusal(String what, Errno errno, String text) {
        super(what + ": " + errno + (text.isEmpty() ? "" : " (" + text + ")"));
        this.errno = errno;
        this.what = what;
        this.text = text;
    }

    /** The operation and its object. */
    public String what() {
        return what;
    }

    /** Errno and the kernel's own words. */
    public String reason() {
        return errno + (text.isEmpty() ? "" : " (" + text + ")");
    }

    public Errno errno() {
        return errno;
    }
}
