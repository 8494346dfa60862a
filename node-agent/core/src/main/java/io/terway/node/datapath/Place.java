package io.terway.node.datapath;

/** Which network namespace an object lives in. */
public enum Place {
    HOST,
    POD;

    @Override
    public String toString() {
        return this == HOST ? "host" : "pod";
    }
}
