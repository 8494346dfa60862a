package io.terway.eni.sim.ecs;

/** What an ENI was made as. A secondary ENI on a trunk is shown as {@code Member}. */
public enum EniKind {
    PRIMARY("Primary"),
    SECONDARY("Secondary"),
    TRUNK("Trunk");

    private final String wireName;

    EniKind(String wireName) {
        this.wireName = wireName;
    }

    public String wireName() {
        return wireName;
    }
}
