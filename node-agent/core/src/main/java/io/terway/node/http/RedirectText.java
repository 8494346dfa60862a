package io.terway.node.http;

import io.terway.node.policy.PortSpan;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds in a pod's own nftables, as nft lists them, a rule that turns connections to another port of the pod: what the proxy
 * would read there is not what was asked, but what a sidecar makes of it, mostly TLS.
 */
public final class RedirectText {

    /** Tables that this agent makes in pods. */
    private static final Pattern OURS = Pattern.compile("table (inet|netdev) terway(_\\w+)? \\{");

    /** In nft's words, or in those of iptables for what nft has no words for. */
    private static final Pattern REDIRECT =
            Pattern.compile("( redirect( to .*)?|xt target \"(REDIRECT|TPROXY)\".*| tproxy (ip |ip6 )?to .*)$");

    private static final Pattern PORTS = Pattern.compile("\\bdport (\\{[^}]*}|[0-9-]+)");
    private static final Pattern SPAN = Pattern.compile("(\\d+)(?:-(\\d+))?");

    private RedirectText() {}

    /**
     * The first such rule.
     *
     * @param ruleset of one namespace
     * @param ports only of interest there; a rule that names no port means all
     */
    public static Optional<String> find(String ruleset, List<PortSpan> ports) {
        boolean ours = false;
        for (String line : ruleset.lines().map(String::strip).toList()) {
            if (line.startsWith("table ")) {
                ours = OURS.matcher(line).matches();
            } else if (!ours && REDIRECT.matcher(line).find() && concerns(line, ports)) {
                return Optional.of(line);
            }
        }
        return Optional.empty();
    }

    private static boolean concerns(String line, List<PortSpan> ports) {
        Matcher named = PORTS.matcher(line);
        if (!named.find()) {
            return true;
        }
        Matcher span = SPAN.matcher(named.group(1));
        while (span.find()) {
            int first = Integer.parseInt(span.group(1));
            int last = span.group(2) == null ? first : Integer.parseInt(span.group(2));
            if (ports.stream().anyMatch(port -> port.first() <= last && first <= port.last())) {
                return true;
            }
        }
        return false;
    }
}
