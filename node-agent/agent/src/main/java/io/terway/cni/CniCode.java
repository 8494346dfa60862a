package io.terway.cni;

/** Error codes of the CNI specification, and two of ours (100 and above). */
public enum CniCode {
    INCOMPATIBLE_VERSION(1),
    UNSUPPORTED_FIELD(2),
    UNKNOWN_CONTAINER(3),
    INVALID_ENVIRONMENT(4),
    IO_FAILURE(5),
    UNDECODABLE(6),
    INVALID_CONFIGURATION(7),
    /** The runtime shall try again. */
    TRY_LATER(11),
    NOT_AVAILABLE(50),
    /** The network of the sandbox is not what ADD made. */
    CHECK_FAILED(100),
    /** There will be no address for this pod; trying again does not help. */
    REFUSED(101);

    private final int number;

    CniCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
