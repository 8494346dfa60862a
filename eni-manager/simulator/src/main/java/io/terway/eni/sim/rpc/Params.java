package io.terway.eni.sim.rpc;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.refusal.Refusal;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/** The parameters of one call, query and form merged, decoded once. Every reading refuses as the cloud does. */
public final class Params {

    /** More parameters than any call has; what comes after is a refusal. */
    static final int LIMIT = 5_000;

    private final NavigableMap<String, String> values;

    public Params(Map<String, String> values) {
        this.values = Collections.unmodifiableNavigableMap(new TreeMap<>(values));
    }

    /** Merges a raw query string and a raw form body, of which either may be empty. */
    public static Params parse(String query, String form) {
        Map<String, String> out = new TreeMap<>();
        parseInto(out, query);
        parseInto(out, form);
        return new Params(out);
    }

    private static void parseInto(Map<String, String> out, String text) {
        for (String pair : text.isEmpty() ? new String[0] : text.split("&")) {
            int equals = pair.indexOf('=');
            String name = decode(equals < 0 ? pair : pair.substring(0, equals));
            if (!name.isEmpty()) {
                out.put(name, equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
            if (out.size() > LIMIT) {
                throw ErrorCode.INVALID_PARAMETER.refuse("The request has more than %d parameters.", LIMIT);
            }
        }
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw ErrorCode.INVALID_PARAMETER.refuse("A parameter is not URL-encoded correctly.");
        }
    }

    /** These and {@code more}, which win. */
    Params with(Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(values);
        all.putAll(more);
        return new Params(all);
    }

    /** By name, in byte order for ASCII names, as the signature wants them. */
    public NavigableMap<String, String> all() {
        return values;
    }

    /** The value, or nothing when it is absent or empty. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name)).filter(v -> !v.isEmpty());
    }

    public String text(String name, String otherwise) {
        return text(name).orElse(otherwise);
    }

    public String required(String name) {
        return text(name).orElseThrow(() -> missing(name));
    }

    public static Refusal missing(String name) {
        return ErrorCode.MISSING_PARAMETER.refuse(
                "The input parameter \"%s\" that is mandatory for processing this request is not supplied.", name);
    }

    /** The refusal of a value that is not what the parameter takes. */
    public static Refusal invalid(String name) {
        return ErrorCode.INVALID_PARAMETER.refuse("The specified parameter \"%s\" is not valid.", name);
    }

    public Optional<Integer> integer(String name, int least, int most) {
        return text(name).map(v -> {
            int value = read(name, v, Integer::parseInt);
            if (value < least || value > most) {
                throw invalid(name);
            }
            return value;
        });
    }

    public Optional<Boolean> bool(String name) {
        return text(name).map(v -> switch (v.toLowerCase(java.util.Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw invalid(name);
        });
    }

    /** A value with a type of its own, such as an id. */
    public <T> Optional<T> value(String name, Function<String, T> parse) {
        return text(name).map(v -> read(name, v, parse));
    }

    public <T> T requiredValue(String name, Function<String, T> parse) {
        return read(name, required(name), parse);
    }

    /** {@code Name.1}, {@code Name.2}, ... by index; gaps are allowed, {@code most} is not to be exceeded. */
    public <T> List<T> list(String name, int most, Function<String, T> parse) {
        List<T> out = new ArrayList<>();
        for (Map.Entry<Integer, String> item : indexed(name).entrySet()) {
            out.add(read(name + "." + item.getKey(), item.getValue(), parse));
        }
        if (out.size() > most) {
            throw ErrorCode.INVALID_PARAMETER.refuse(
                    "The parameter \"%s\" has %d values; the limit is %d.", name, out.size(), most);
        }
        return out;
    }

    public List<Ip> ips(String name, int most, boolean v6) {
        List<Ip> out = list(name, most, Ip::parse);
        if (out.stream().anyMatch(ip -> ip.family().bits() > 32 != v6)) {
            throw ErrorCode.IP_ADDRESS.refuse("The parameter \"%s\" has an address of the wrong family.", name);
        }
        return out;
    }

    public List<Cidr> cidrs(String name, int most, boolean v6) {
        List<Cidr> out = list(name, most, Cidr::parse);
        if (out.stream().anyMatch(c -> c.family().bits() > 32 != v6)) {
            throw ErrorCode.IP_ADDRESS.refuse("The parameter \"%s\" has a prefix of the wrong family.", name);
        }
        return out;
    }

    /** Repeated structures: the parameters after {@code Name.N.}, by index. */
    public List<Params> structs(String name, int most) {
        Map<Integer, Map<String, String>> out = new TreeMap<>();
        String prefix = name + ".";
        values.subMap(prefix, true, prefix + Character.MAX_VALUE, false).forEach((key, value) -> {
            int dot = key.indexOf('.', prefix.length());
            if (dot > 0) {
                int index = read(key, key.substring(prefix.length(), dot), Integer::parseUnsignedInt);
                out.computeIfAbsent(index, k -> new TreeMap<>()).put(key.substring(dot + 1), value);
            }
        });
        if (out.size() > most) {
            throw ErrorCode.INVALID_PARAMETER.refuse(
                    "The parameter \"%s\" has %d entries; the limit is %d.", name, out.size(), most);
        }
        return out.values().stream().map(Params::new).toList();
    }

    private Map<Integer, String> indexed(String name) {
        Map<Integer, String> out = new TreeMap<>();
        String prefix = name + ".";
        values.subMap(prefix, true, prefix + Character.MAX_VALUE, false).forEach((key, value) -> {
            String index = key.substring(prefix.length());
            if (index.indexOf('.') < 0 && !value.isEmpty()) {
                out.put(read(key, index, Integer::parseUnsignedInt), value);
            }
        });
        return out;
    }

    private static <T> T read(String name, String value, Function<String, T> parse) {
        try {
            return parse.apply(value);
        } catch (IllegalArgumentException e) {
            throw invalid(name);
        }
    }
}
