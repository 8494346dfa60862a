package io.terway.node.policy;

import java.util.Optional;

/** Protocols that have ports, as policies know them. */
public enum Transport {
    TCP(6),
    UDP(17),
    SCTP(132);

    private final int number;

    Transport(int number) {
        this.number = number;
    }

    /** IANA's protocol number. */
    public int number() {
        return number;
    }

    /** The protocol of this number, when it has ports that policies know. */
    public static Optional<Transport> of(int number) {
        for (Transport transport : values()) {
            if (transport.number == number) {
                return Optional.of(transport);
            }
        }
        return Optional.empty();
    }

    /** nft's word for it. */
    public String word() {
        return switch (this) {
            case TCP -> "tcp";
            case UDP -> "udp";
            case SCTP -> "sctp";
        };
    }
}
