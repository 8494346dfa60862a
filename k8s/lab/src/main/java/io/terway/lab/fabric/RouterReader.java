package io.terway.lab.fabric;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.lab.Shell;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the router back from the kernel: when the cloud starts, and after an operation failed. */
final class RouterReader {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String netns;
    private final Map<String, EniId> enis = new HashMap<>();
    private final Map<String, Mac> macs = new HashMap<>();
    private final Map<String, Plug.Tag> tags = new HashMap<>();
    private final Map<String, SortedSet<Ip>> answered = new HashMap<>();
    private final Map<String, SortedSet<Ip>> neighbours = new HashMap<>();
    private final Map<String, SortedSet<Port.Route>> routes = new HashMap<>();
    private final Map<String, SortedSet<Cidr>> sources = new HashMap<>();
    private final SortedSet<Ip> gateways = new TreeSet<>();
    private final SortedSet<String> strays = new TreeSet<>();

    private RouterReader(String netns) {
        this.netns = netns;
    }

    static RouterView read(String netns) {
        RouterReader reader = new RouterReader(netns);
        reader.ip("link", "show", "type", "veth").forEach(reader::link);
        reader.ip("neigh", "show", "nud", "permanent").forEach(entry -> add(reader.neighbours, entry));
        reader.ip("-6", "neigh", "show", "proxy").forEach(entry -> add(reader.answered, entry));
        reader.ip("-4", "route").forEach(reader::route);
        reader.ip("-6", "route").forEach(reader::route);
        reader.ip("address", "show", "dev", "lo").forEach(reader::gateway);
        reader.elements();
        return reader.view();
    }

    private RouterView view() {
        SortedMap<EniId, Port> ports = new TreeMap<>();
        enis.forEach((link, eni) -> ports.put(
                eni,
                new Port(
                        eni,
                        macs.get(link),
                        Optional.ofNullable(tags.get(link)),
                        neighbours.getOrDefault(link, new TreeSet<>()),
                        answered.getOrDefault(link, new TreeSet<>()),
                        routes.getOrDefault(link, new TreeSet<>()),
                        sources.getOrDefault(link, new TreeSet<>()))));
        return new RouterView(ports, gateways, strays);
    }

    private void link(JsonNode link) {
        String name = link.path("ifname").asText();
        String[] alias = link.path("ifalias").asText().split(",", -1);
        boolean whole = alias.length == 2 || alias.length == 4;
        if (whole && name.equals(Port.linkOf(new EniId(alias[0])))) {
            enis.put(name, new EniId(alias[0]));
            macs.put(name, Mac.parse(alias[1]));
            if (alias.length == 4) {
                tags.put(name, new Plug.Tag(new EniId(alias[2]), Integer.parseInt(alias[3])));
            }
        } else if (name.matches("p[0-9a-f]{12}")) {
            strays.add(name);
        }
    }

    private static void add(Map<String, SortedSet<Ip>> to, JsonNode entry) {
        to.computeIfAbsent(entry.path("dev").asText(), dev -> new TreeSet<>())
                .add(Ip.parse(entry.path("dst").asText()));
    }

    private void route(JsonNode route) {
        String dev = route.path("dev").asText();
        String to = route.path("dst").asText();
        if (!enis.containsKey(dev) || to.equals("default") || to.startsWith("fe80:") || to.startsWith("ff00:")) {
            return;
        }
        Cidr block = Cidr.parse(to);
        Ip via = route.has("gateway") ? Ip.parse(route.path("gateway").asText()) : block.network();
        routes.computeIfAbsent(dev, name -> new TreeSet<>()).add(new Port.Route(block, via));
    }

    private void gateway(JsonNode loopback) {
        for (JsonNode address : loopback.path("addr_info")) {
            if (address.path("scope").asText().equals("global")) {
                gateways.add(Ip.parse(address.path("local").asText()));
            }
        }
    }

    private void elements() {
        String text = Shell.need(
                List.of("nsenter", "--net=/run/netns/" + netns, "nft", "-j", "list", "table", "inet", "vpc"), "");
        for (JsonNode entry : parse(text).path("nftables")) {
            for (JsonNode element : entry.path("set").path("elem")) {
                JsonNode parts = element.path("concat");
                sources.computeIfAbsent(parts.path(0).asText(), dev -> new TreeSet<>())
                        .add(source(parts.path(2)));
            }
        }
    }

    private static Cidr source(JsonNode value) {
        if (value.has("prefix")) {
            JsonNode prefix = value.path("prefix");
            return new Cidr(
                    Ip.parse(prefix.path("addr").asText()), prefix.path("len").asInt());
        }
        return Cidr.single(Ip.parse(value.asText()));
    }

    private JsonNode ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip", "-j", "-n", netns));
        command.addAll(List.of(arguments));
        return parse(Shell.need(command, ""));
    }

    /** ip prints nothing at all for some empty lists. */
    private static JsonNode parse(String text) {
        try {
            return text.isBlank() ? JSON.createArrayNode() : JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tool printed what is not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
