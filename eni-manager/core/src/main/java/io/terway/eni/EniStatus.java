package io.terway.eni;

/** The state of an ENI as the cloud shows it. */
public enum EniStatus {
    CREATING("Creating"),
    AVAILABLE("Available"),
    ATTACHING("Attaching"),
    IN_USE("InUse"),
    DETACHING("Detaching"),
    DELETING("Deleting"),
    FAILED("Failed");

    private final String text;

    EniStatus(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** The cloud's text; what is not known here ("CreateFailed", "Linking") counts as {@link #FAILED}. */
    public static EniStatus parse(String text) {
        for (EniStatus status : values()) {
            if (status.text.equalsIgnoreCase(text)) {
                return status;
            }
        }
        return FAILED;
    }
}
