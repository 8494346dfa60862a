package io.terway.policy.read;

import io.terway.net.Cidr;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Blocks, protocols and ports as policies write them. */
final class Scalars {

    private Scalars() {}

    /**
     * A block with its length. Host bits are cleared and leading zeros of IPv4 numbers dropped (they are decimal): stored
     * objects may carry both, and the API server reads them so.
     */
    static Cidr block(Field field) {
        String text = field.required();
        if (text.indexOf('/') < 0) {
            throw new Unreadable(field, "'" + text + "' is not address/prefix-length");
        }
        return field.as(_ -> Cidr.parseMasking(decimal(text)));
    }

    /** A block, or one address. */
    static Cidr blockOrAddress(Field field) {
        return field.as(_ -> Cidr.parseMasking(decimal(field.required())));
    }

    private static String decimal(String text) {
        if (text.indexOf(':') >= 0) {
            return text;
        }
        return Arrays.stream(text.split("\\.", -1))
                .map(part -> part.replaceFirst("^0+(?=[0-9])", ""))
                .collect(Collectors.joining("."));
    }

    /** Missing means TCP. */
    static Protocol protocol(Field field) {
        return switch (field.text()) {
            case "", "TCP" -> Protocol.TCP;
            case "UDP" -> Protocol.UDP;
            case "SCTP" -> Protocol.SCTP;
            default -> throw new Unreadable(field, "'" + field.text() + "' is none of TCP, UDP, SCTP");
        };
    }

    static PortMatch.Range range(Field field, Protocol protocol, int first, int last) {
        return field.as(_ -> new PortMatch.Range(protocol, first, last));
    }

    static PortMatch.Named named(Field field, Protocol protocol, String name) {
        return field.as(_ -> new PortMatch.Named(protocol, name));
    }
}
