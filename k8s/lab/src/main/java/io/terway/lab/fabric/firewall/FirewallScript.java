package io.terway.lab.fabric.firewall;

import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/** What turns one view of the rules into another, as text for one atomic {@code nft -f -}. Pure. */
final class FirewallScript {
    static final String TABLE = "inet groups";

    /**
     * A packet passes the groups of the ENI it comes from, then those of the ENI it goes to. Connections keep state, but
     * their original direction is judged again packet by packet: a rule that now denies cuts them, as the cloud does.
     * Its service range is reachable whatever the rules say.
     */
    private static final String FRAME = """
            table inet groups {
              counter denied { comment "packets that security groups refuse" }
              map egress { type ifname : verdict; }
              map ingress { type ifname : verdict; }
              chain leave {
                type filter hook forward priority 0; policy drop;
                iifname "%1$s" accept
                ip daddr 100.64.0.0/10 accept
                ct state related accept
                ct state established ct direction reply accept
                iifname vmap @egress
              }
              chain enter {
                type filter hook forward priority 10; policy drop;
                oifname "%1$s" accept
                iifname "%1$s" accept
                ct state related accept
                ct state established ct direction reply accept
                oifname vmap @ingress
              }
            }
            """;

    private final StringBuilder text = new StringBuilder();

    private FirewallScript() {}

    /** Replaces whatever is there; in one transaction, so that no packet meets a half-made table. */
    static String fresh(FirewallView view, String managementLink) {
        return "table " + TABLE + " {}\ndelete table " + TABLE + "\n" + FRAME.formatted(managementLink)
                + difference(FirewallView.empty(), view);
    }

    /** Empty when nothing differs. What goes is let go of before it is deleted, what comes is made before it is used. */
    static String difference(FirewallView from, FirewallView to) {
        FirewallScript script = new FirewallScript();
        missing(to.sets(), from.sets())
                .forEach(name -> script.line("add set %s %s { type %s; flags interval; }", name, type(name)));
        to.sets()
                .forEach((name, elements) ->
                        script.elements(name, from.sets().getOrDefault(name, new TreeSet<>()), elements));
        missing(to.chains(), from.chains()).forEach(name -> script.line("add chain %s %s", name));
        to.chains().forEach((name, rules) -> {
            if (!rules.equals(from.chains().get(name))) {
                script.line("flush chain %s %s", name);
                rules.forEach(rule -> script.line("add rule %s %s %s", name, rule));
            }
        });
        script.dispatch("egress", from.egress(), to.egress());
        script.dispatch("ingress", from.ingress(), to.ingress());
        missing(from.chains(), to.chains()).forEach(name -> script.line("flush chain %s %s", name));
        missing(from.chains(), to.chains()).forEach(name -> script.line("delete chain %s %s", name));
        missing(from.sets(), to.sets()).forEach(name -> script.line("delete set %s %s", name));
        return script.text.toString();
    }

    private void elements(String set, SortedSet<String> from, SortedSet<String> to) {
        change("delete", set, from, to);
        change("add", set, to, from);
    }

    private void change(String verb, String set, SortedSet<String> these, SortedSet<String> unlessIn) {
        List<String> elements =
                these.stream().filter(element -> !unlessIn.contains(element)).toList();
        if (!elements.isEmpty()) {
            line("%s element %s %s { %s }", verb, set, String.join(", ", elements));
        }
    }

    private void dispatch(String map, SortedMap<String, String> from, SortedMap<String, String> to) {
        from.forEach((link, chain) -> {
            if (!chain.equals(to.get(link))) {
                line("delete element %s %s { \"%s\" }", map, link);
            }
        });
        to.forEach((link, chain) -> {
            if (!chain.equals(from.get(link))) {
                line("add element %s %s { \"%s\" : goto %s }", map, link, chain);
            }
        });
    }

    /** The first %s is the verb when there are elements, else the table's. */
    private void line(String format, Object... values) {
        boolean verbFirst = format.startsWith("%s");
        Object[] all = new Object[values.length + 1];
        int at = verbFirst ? 1 : 0;
        System.arraycopy(values, 0, all, 0, at);
        all[at] = TABLE;
        System.arraycopy(values, at, all, at + 1, values.length - at);
        text.append(format.formatted(all)).append('\n');
    }

    private static String type(String set) {
        return set.endsWith("_4") ? "ipv4_addr" : "ipv6_addr";
    }

    private static Collection<String> missing(SortedMap<String, ?> all, SortedMap<String, ?> from) {
        return all.keySet().stream().filter(name -> !from.containsKey(name)).toList();
    }
}
