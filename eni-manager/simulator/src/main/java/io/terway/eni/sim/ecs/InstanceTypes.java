package io.terway.eni.sim.ecs;

import io.terway.net.InstanceType;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The table of instance types, by name. */
public final class InstanceTypes {

    private static final String DOCUMENTED = "instance-types.txt";
    private static final String GUIDE = "instance-types-guide.txt";

    private final NavigableMap<String, TypeLimits> byName = new TreeMap<>();

    /** Of two lines for one type the later one counts. */
    public InstanceTypes(List<TypeLimits> types) {
        types.forEach(t -> byName.put(t.type().value(), t));
    }

    /** The documented table that ships with the twin; its first lines say where the figures come from. */
    public static InstanceTypes documented() {
        return new InstanceTypes(read(DOCUMENTED));
    }

    /** The documented table with the figures of the user's guide over it. */
    public static InstanceTypes guide() {
        List<TypeLimits> all = new ArrayList<>(read(DOCUMENTED));
        all.addAll(read(GUIDE));
        return new InstanceTypes(all);
    }

    private static List<TypeLimits> read(String resource) {
        try (var in = InstanceTypes.class.getResourceAsStream(resource);
                var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(InstanceTypes::parse)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the table " + resource + " is unreadable", e);
        }
    }

    public Optional<TypeLimits> find(InstanceType type) {
        return Optional.ofNullable(byName.get(type.value()));
    }

    /** The limits of a type that an instance has; types of instances are checked when they are made. */
    public TypeLimits of(InstanceType type) {
        return find(type)
                .orElseThrow(() -> new IllegalArgumentException("instance type " + type
                        + " is not in the table; known are for example " + byName.firstKey() + " and ecs.g7.xlarge"));
    }

    /** By name, the types after {@code name} (exclusive). */
    public Collection<TypeLimits> after(String name) {
        return byName.tailMap(name, false).values();
    }

    public Collection<TypeLimits> all() {
        return byName.values();
    }

    private static TypeLimits parse(String line) {
        String[] field = line.trim().split("\\s+");
        int cpus = Integer.parseInt(field[1]);
        int enis = Integer.parseInt(field[3]);
        int total = field[6].equals("?") ? Math.max(enis, Math.ceilDiv(cpus * 5, 4)) : Integer.parseInt(field[6]);
        return new TypeLimits(
                new InstanceType(field[0]),
                cpus,
                Double.parseDouble(field[2]),
                enis,
                Integer.parseInt(field[4]),
                Integer.parseInt(field[5]),
                total,
                field[7].equals("?") ? cpus >= 4 && total > enis : Boolean.parseBoolean(field[7]));
    }
}
