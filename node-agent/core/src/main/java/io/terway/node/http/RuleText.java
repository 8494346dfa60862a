package io.terway.node.http;

import io.terway.net.Ip;
import io.terway.node.http.ChainRule.PortCondition;
import io.terway.node.http.ChainRule.Turn;
import io.terway.node.policy.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads one rule in nft's words. What it does not understand makes the rule inexact, never absent. */
final class RuleText {

    private static final Pattern SPAN = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");
    private static final Pattern PROTOCOLS = Pattern.compile("\\d+|tcp|udp|\\{[\\da-z, ]+}");
    private static final Pattern TARGET = // an address, or one with a port
            Pattern.compile("\\[?([0-9a-fA-F.:]*?)(?:]:\\d+|(?<=\\.\\d{1,3}):\\d+|])?");
    private static final int HIGHEST = 65_535;

    /** Targets of iptables, where nft has no words for them. */
    private static final Set<String> AWAY = Set.of("REDIRECT", "TPROXY", "DNAT", "NETMAP");

    private final List<String> words;
    private final List<Ip> own;
    private final List<PortCondition> ports = new ArrayList<>();
    private Turn turn = new Turn.Next();
    private boolean never;
    private boolean exact = true;
    private int at;

    private RuleText(List<String> words, List<Ip> own) {
        this.words = words;
        this.own = own;
    }

    /** @param own addresses of the pod: what is sent there stays in it */
    static ChainRule read(String line, List<Ip> own) {
        RuleText text = new RuleText(words(line), own);
        while (text.at < text.words.size()) {
            text.statement(text.next());
        }
        return new ChainRule(List.copyOf(text.ports), text.never, text.exact, text.turn);
    }

    /** Between blanks; what is in quotation marks or braces is one word, so nothing in a comment is taken for a rule. */
    static List<String> words(String line) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean quoted = false;
        int braces = 0;
        for (char c : (line + " ").toCharArray()) {
            quoted ^= c == '"';
            braces += quoted ? 0 : c == '{' ? 1 : c == '}' ? -1 : 0;
            if (!quoted && braces <= 0 && (c == ' ' || c == '\t')) {
                if (!word.isEmpty()) {
                    words.add(word.toString());
                    word.setLength(0);
                }
            } else {
                word.append(c);
            }
        }
        if (!word.isEmpty()) {
            words.add(word.toString().strip());
        }
        return words;
    }

    private void statement(String word) {
        switch (word) {
            case "counter" -> counter();
            case "comment" -> next();
            case "meta" -> meta();
            case "tcp", "th" -> port();
            case "udp", "sctp" -> {
                never |= peek().equals("dport") || peek().equals("sport");
                exact = false;
            }
            case "xt" -> extension();
            case "return" -> turn = new Turn.Back();
            case "accept", "drop", "reject" -> past();
            case "jump" -> turn = new Turn.Through(next());
            case "goto" -> turn = new Turn.To(next());
            case "vmap" -> turn = new Turn.ThroughAny();
            case "redirect", "tproxy" -> away();
            case "dnat" -> dnat();
            default -> exact = false;
        }
    }

    private void counter() {
        if (peek().equals("packets")) {
            at = Math.min(at + 4, words.size());
        }
    }

    /** The protocol; all else may match. */
    private void meta() {
        if (!peek().equals("l4proto")) {
            exact = false;
            return;
        }
        next();
        boolean others = others();
        if (!PROTOCOLS.matcher(peek()).matches()) {
            exact = false; // a range, a named set, a map
            return;
        }
        boolean tcp = Stream.of(next().split("[{}, ]+"))
                .anyMatch(protocol -> protocol.equals(Transport.TCP.word())
                        || protocol.equals(Integer.toString(Transport.TCP.number())));
        never |= tcp == others;
    }

    private void port() {
        if (!peek().equals("dport")) {
            exact = false;
            return;
        }
        next();
        boolean others = others();
        Optional<List<Integer>> spans = spans(peek());
        if (spans.isEmpty()) {
            exact = false; // a named set, a map, a comparison: left where it is, for vmap
            return;
        }
        next();
        ports.add(new PortCondition(others, spans.get()));
    }

    private static Optional<List<Integer>> spans(String text) {
        boolean set = text.startsWith("{") && text.endsWith("}");
        List<Integer> spans = new ArrayList<>();
        for (String part : (set ? text.substring(1, text.length() - 1) : text).split(",")) {
            Matcher span = SPAN.matcher(part.strip());
            if (!span.matches()) {
                return Optional.empty();
            }
            int first = Integer.parseInt(span.group(1));
            int last = span.group(2) == null ? first : Integer.parseInt(span.group(2));
            if (last > HIGHEST || last < first) {
                return Optional.empty();
            }
            spans.add(first);
            spans.add(last);
        }
        return Optional.of(List.copyOf(spans));
    }

    private void extension() {
        boolean target = next().equals("target");
        String name = next().replace("\"", "");
        if (target && AWAY.contains(name)) {
            away();
        } else if (!target) {
            exact = false;
        }
    }

    /** To elsewhere it is another connection, but no sidecar's. */
    private void dnat() {
        String to = next();
        while (Set.of("ip", "ip6", "to").contains(to)) {
            to = next();
        }
        Matcher address = TARGET.matcher(to);
        if (address.matches() && isElsewhere(address.group(1))) {
            past();
        } else {
            away();
        }
    }

    private boolean isElsewhere(String address) {
        try {
            Ip ip = Ip.parse(address);
            return !own.contains(ip) && !address.startsWith("127.") && !address.equals("::1");
        } catch (IllegalArgumentException notOne) {
            return false;
        }
    }

    private void past() {
        turn = new Turn.Past();
        at = words.size();
    }

    private void away() {
        turn = new Turn.Away();
        at = words.size();
    }

    private boolean others() {
        boolean others = peek().equals("!=");
        if (others) {
            next();
        }
        return others;
    }

    private String peek() {
        return at < words.size() ? words.get(at) : "";
    }

    private String next() {
        return at < words.size() ? words.get(at++) : "";
    }
}
