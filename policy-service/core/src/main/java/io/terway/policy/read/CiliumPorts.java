package io.terway.policy.read;

import io.terway.policy.HttpRule;
import io.terway.policy.PortMatch;
import io.terway.policy.Protocol;
import java.util.ArrayList;
import java.util.List;

/** One entry of Cilium's {@code toPorts}: ports as text, and HTTP rules. */
final class CiliumPorts {

    private CiliumPorts() {}

    record Ports(List<PortMatch> ports, List<HttpRule> http) {}

    static Ports read(Field entry, Faults faults) {
        entry.only("ports", "rules");
        List<Field> list = entry.get("ports").list();
        Field rules = entry.get("rules").only("http");
        List<Field> requests = rules.get("http").list();
        if (list.isEmpty()) {
            throw new Unreadable(entry.get("ports"), "needs at least one port");
        }
        List<PortMatch> ports = new ArrayList<>();
        faults.each(list, port -> port(port, !requests.isEmpty())).forEach(ports::addAll);
        List<HttpRule> http = faults.each(requests, CiliumPorts::http);
        // Of unreadable requests none may pass; that they are gone must not read as "every request".
        return new Ports(!requests.isEmpty() && http.isEmpty() ? List.of() : ports, http);
    }

    private static List<PortMatch> port(Field entry, boolean http) {
        entry.only("port", "protocol", "endPort");
        List<PortMatch> out = new ArrayList<>();
        for (Protocol protocol : protocols(entry.get("protocol"), http)) {
            out.add(port(entry, protocol));
        }
        return out;
    }

    private static List<Protocol> protocols(Field protocol, boolean http) {
        boolean any = protocol.text().isEmpty() || protocol.text().equals("ANY");
        if (http && !any && Scalars.protocol(protocol) != Protocol.TCP) {
            throw new Unreadable(protocol, "HTTP rules need TCP");
        }
        if (http) {
            return List.of(Protocol.TCP);
        }
        return any ? List.of(Protocol.values()) : List.of(Scalars.protocol(protocol));
    }

    private static PortMatch port(Field entry, Protocol protocol) {
        Field port = entry.get("port");
        Field last = entry.get("endPort");
        String text = port.value() instanceof Integer number ? number.toString() : port.text();
        if (text.isEmpty() || text.equals("0")) {
            return new PortMatch.Every(protocol);
        }
        if (!text.matches("[0-9]{1,5}")) {
            if (last.present()) {
                throw new Unreadable(last, "needs a numeric port");
            }
            return Scalars.named(port, protocol, text);
        }
        int first = Integer.parseInt(text);
        return Scalars.range(port, protocol, first, last.present() && last.number() != 0 ? last.number() : first);
    }

    private static HttpRule http(Field rule) {
        rule.only("method", "path", "host", "headers");
        List<HttpRule.Header> headers =
                rule.get("headers").list().stream().map(CiliumPorts::header).toList();
        return rule.as(_ -> new HttpRule(
                rule.get("method").text(),
                rule.get("path").text(),
                rule.get("host").text(),
                headers));
    }

    /** {@code Name: value}, or {@code Name} for one that must be there with any value. */
    private static HttpRule.Header header(Field header) {
        String text = header.required();
        int colon = text.indexOf(':');
        int space = text.indexOf(' ');
        int cut = colon >= 0 ? colon : space;
        return header.as(_ -> cut < 0
                ? new HttpRule.Header(text.strip(), "", true)
                : new HttpRule.Header(
                        text.substring(0, cut).strip(), text.substring(cut + 1).strip(), false));
    }
}
