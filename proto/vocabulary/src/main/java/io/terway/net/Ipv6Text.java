package io.terway.net;

import java.util.ArrayList;
import java.util.List;

/** The text form of IPv6 addresses: reads RFC 4291, writes RFC 5952. */
final class Ipv6Text {

    private static final int GROUPS = 8;

    private Ipv6Text() {}

    static Ip parse(String text) {
        int gap = text.indexOf("::");
        if (gap != text.lastIndexOf("::")) {
            throw Ip.notAnAddress(text);
        }
        List<Integer> head = groups(gap < 0 ? text : text.substring(0, gap), text);
        List<Integer> tail = gap < 0 ? List.of() : groups(text.substring(gap + 2), text);
        int missing = GROUPS - head.size() - tail.size();
        if (gap < 0 ? missing != 0 : missing < 1) {
            throw Ip.notAnAddress(text);
        }
        List<Integer> all = new ArrayList<>(head);
        for (int i = 0; i < missing; i++) {
            all.add(0);
        }
        all.addAll(tail);
        return new Ip(Family.IPV6, join(all, 0), join(all, 4));
    }

    static String format(long high, long low) {
        int[] group = new int[GROUPS];
        for (int i = 0; i < GROUPS; i++) {
            group[i] = (int) ((i < 4 ? high : low) >>> (48 - 16 * (i % 4))) & 0xffff;
        }
        int gapStart = -1;
        int gapLength = 1; // RFC 5952: a single zero group is not shortened
        for (int i = 0; i < GROUPS; i++) {
            int run = 0;
            while (i + run < GROUPS && group[i + run] == 0) {
                run++;
            }
            if (run > gapLength) {
                gapStart = i;
                gapLength = run;
            }
            i += run;
        }
        StringBuilder out = new StringBuilder(39);
        for (int i = 0; i < GROUPS; i++) {
            if (i == gapStart) {
                out.append("::");
                i += gapLength - 1;
                continue;
            }
            if (!out.isEmpty() && out.charAt(out.length() - 1) != ':') {
                out.append(':');
            }
            out.append(Integer.toHexString(group[i]));
        }
        return out.toString();
    }

    private static List<Integer> groups(String part, String whole) {
        List<Integer> out = new ArrayList<>(GROUPS);
        if (part.isEmpty()) {
            return out;
        }
        String[] pieces = part.split(":", -1);
        for (int i = 0; i < pieces.length; i++) {
            String piece = pieces[i];
            if (i == pieces.length - 1 && piece.indexOf('.') >= 0) {
                long v4 = Ip.parseIpv4(piece, whole).low();
                out.add((int) (v4 >>> 16));
                out.add((int) (v4 & 0xffff));
            } else if (piece.matches("[0-9a-fA-F]{1,4}")) {
                out.add(Integer.parseInt(piece, 16));
            } else {
                throw Ip.notAnAddress(whole);
            }
        }
        return out;
    }

    private static long join(List<Integer> groups, int from) {
        long value = 0;
        for (int i = from; i < from + 4; i++) {
            value = value << 16 | groups.get(i);
        }
        return value;
    }
}
