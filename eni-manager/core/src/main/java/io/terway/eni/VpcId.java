package io.terway.eni;

/** The cloud's id of a VPC, {@code vpc-...}. */
public record VpcId(String value) {

    public VpcId {
        if (value == null || !value.matches("[!-~]{1,128}")) {
            throw new IllegalArgumentException("VPC id '" + value + "' is not 1 to 128 printable characters");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
