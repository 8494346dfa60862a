package io.terway.linux.ffm;

/** The result of one system call: its value, or its errno captured in the same call. */
public sealed interface Syscall {

    /** @param value what the call returned, never negative */
    record Ok(long value) implements Syscall {}

    record Failed(Errno errno) implements Syscall {}

    /**
     * The value.
     *
     * @param what the operation and its object, for the message
     * @throws KernelRefusal when the call failed
     */
    default long orThrow(String what) {
        return switch (this) {
            case Ok(long value) -> value;
            case Failed(Errno errno) -> throw new KernelRefusal(what, errno, "");
        };
    }
}
