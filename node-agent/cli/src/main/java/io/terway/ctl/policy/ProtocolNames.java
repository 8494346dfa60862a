package io.terway.ctl.policy;

/** IANA's protocol numbers as people write them. */
final class ProtocolNames {

    private ProtocolNames() {}

    static String of(int number) {
        return switch (number) {
            case 1 -> "ICMP";
            case 6 -> "TCP";
            case 17 -> "UDP";
            case 58 -> "ICMPv6";
            case 132 -> "SCTP";
            default -> "protocol " + number;
        };
    }
}
