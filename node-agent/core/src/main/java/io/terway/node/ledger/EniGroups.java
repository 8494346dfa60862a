package io.terway.node.ledger;

/** Whose security groups an ENI has. */
public enum EniGroups {
    /** Nobody said; as the ENI was made, so far as is known. */
    UNKNOWN(0),
    /** Those every pod gets. */
    POOL(1),
    /** Those that a pod asked for. It may be gone, but its groups stay until ipam-service has taken them off. */
    POD(2);

    private final int code;

    EniGroups(int code) {
        this.code = code;
    }

    /** The number on disk. */
    int code() {
        return code;
    }

    static EniGroups of(int code) {
        for (EniGroups groups : values()) {
            if (groups.code == code) {
                return groups;
            }
        }
        return UNKNOWN; // a later release's
    }
}
