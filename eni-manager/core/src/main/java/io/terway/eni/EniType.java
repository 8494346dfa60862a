package io.terway.eni;

/** The kind of an ENI. */
public enum EniType {
    PRIMARY("Primary"),
    SECONDARY("Secondary"),
    TRUNK("Trunk"),
    MEMBER("Member");

    private final String text;

    EniType(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** @throws IllegalArgumentException naming the text when it is no kind of ENI */
    public static EniType parse(String text) {
        for (EniType type : values()) {
            if (type.text.equalsIgnoreCase(text)) {
                return type;
            }
        }
        throw new IllegalArgumentException("ENI type '" + text + "' is not Primary, Secondary, Trunk or Member");
    }
}
