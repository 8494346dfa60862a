package io.terway.eni;

/** The cloud's id of a VPC route table, {@code vtb-...}. */
public record RouteTableId(String value) {

    public RouteTableId {
        if (value == null || !value.matches("[!-~]{1,128}")) {
            throw new IllegalArgumentException("route table id '" + value + "' is not 1 to 128 printable characters");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
