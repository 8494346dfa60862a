package io.terway.cni;

/** The verbs of the specification. */
public enum CniVerb {
    ADD,
    DEL,
    CHECK,
    GC,
    STATUS,
    VERSION;

    /** @throws CniFailure naming the text */
    public static CniVerb parse(String text) {
        for (CniVerb verb : values()) {
            if (verb.name().equals(text)) {
                return verb;
            }
        }
        throw new CniFailure(
                CniCode.INVALID_ENVIRONMENT,
                "CNI_COMMAND is '" + text + "'; it must be ADD, DEL, CHECK, GC, STATUS or VERSION");
    }
}
