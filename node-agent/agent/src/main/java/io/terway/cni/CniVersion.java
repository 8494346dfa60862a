package io.terway.cni;

import java.util.Arrays;
import java.util.List;

/** The versions of the specification that are spoken here, in order. */
public enum CniVersion {
    V0_3_0("0.3.0"),
    V0_3_1("0.3.1"),
    V0_4_0("0.4.0"),
    V1_0_0("1.0.0"),
    V1_1_0("1.1.0");

    private final String text;

    CniVersion(String text) {
        this.text = text;
    }

    /** @throws CniFailure with code 1, naming the text and what is supported */
    public static CniVersion parse(String text) {
        for (CniVersion version : values()) {
            if (version.text.equals(text)) {
                return version;
            }
        }
        throw new CniFailure(
                CniCode.INCOMPATIBLE_VERSION,
                "cniVersion '" + text + "' is not supported; supported are " + supported());
    }

    public static List<String> supported() {
        return Arrays.stream(values()).map(v -> v.text).toList();
    }

    /** True when the version knows the verb: CHECK came with 0.4.0, GC and STATUS with 1.1.0. */
    public boolean has(CniVerb verb) {
        return switch (verb) {
            case ADD, DEL, VERSION -> true;
            case CHECK -> compareTo(V0_4_0) >= 0;
            case GC, STATUS -> compareTo(V1_1_0) >= 0;
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
