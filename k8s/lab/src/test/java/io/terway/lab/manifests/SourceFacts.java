package io.terway.lab.manifests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the sources of a part say about its settings, ports, metrics and use of Kubernetes.
 *
 * @param workload its name in the manifests
 * @param folder its module, below the root
 */
record SourceFacts(String workload, String folder) {

    static final List<SourceFacts> PARTS = List.of(
            new SourceFacts("terway-eniip", "node-agent/agent"),
            new SourceFacts("terway-ipam", "ipam-service/service"),
            new SourceFacts("terway-eni", "eni-manager/service"),
            new SourceFacts("terway-policy", "policy-service/service"));

    private static final Pattern INTERFACE = Pattern.compile("interface (\\w+)\\s*\\{");
    private static final Pattern LEAF = Pattern.compile("^\\s*([\\w.<>]+) (\\w+)\\(\\);");
    private static final Pattern METRIC = Pattern.compile("\"(terway[._][a-z._]+)\"");
    private static final Pattern CLIENT_CALL = Pattern.compile("\\.\\s*(\\w+)\\(\\)");

    private record Leaf(String type, String name) {}

    Properties properties() {
        Properties properties = new Properties();
        try (var in = Files.newBufferedReader(main().resolve("resources/application.properties"))) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    /** Every setting under {@code terway.}, as an environment variable. */
    Set<String> settings() {
        String source = sources()
                .filter(text -> text.contains("@ConfigMapping(prefix = \"terway\")"))
                .findFirst()
                .orElseThrow(() -> new AssertionError(folder + " has no @ConfigMapping of terway"));
        Map<String, List<Leaf>> byInterface = new HashMap<>();
        Matcher start = INTERFACE.matcher(source);
        String root = "";
        while (start.find()) {
            root = root.isEmpty() ? start.group(1) : root;
            byInterface.put(start.group(1), leaves(source.substring(start.end())));
        }
        Set<String> names = new TreeSet<>();
        collect(byInterface, root, "TERWAY", names);
        return names;
    }

    /** The names of the meters it registers, in Prometheus' spelling. */
    Set<String> metrics() {
        return sources()
                .flatMap(text -> METRIC.matcher(text).results())
                .map(found -> found.group(1).replace('.', '_'))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The methods without arguments that it calls, among them the client's {@code pods()} and {@code leases()}. */
    Set<String> calls() {
        return sources()
                .filter(text -> text.contains("io.fabric8.kubernetes.client"))
                .flatMap(text -> CLIENT_CALL.matcher(text).results())
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void collect(Map<String, List<Leaf>> byInterface, String name, String prefix, Set<String> names) {
        for (Leaf leaf : byInterface.get(name)) {
            String key = prefix + "_"
                    + leaf.name().replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
            if (byInterface.containsKey(leaf.type())) {
                collect(byInterface, leaf.type(), key, names);
            } else {
                names.add(key);
            }
        }
    }

    /** The methods of an interface whose body begins {@code text}, without those of the interfaces inside it. */
    private static List<Leaf> leaves(String text) {
        List<Leaf> found = new ArrayList<>();
        int depth = 1;
        for (String line : text.lines().toList()) {
            Matcher leaf = LEAF.matcher(line);
            if (depth == 1 && leaf.find()) {
                found.add(new Leaf(leaf.group(1), leaf.group(2)));
            }
            if (!line.strip().startsWith("*") && !line.strip().startsWith("/*")) {
                depth += (int) line.chars().filter(c -> c == '{').count();
                depth -= (int) line.chars().filter(c -> c == '}').count();
            }
            if (depth <= 0) {
                return found;
            }
        }
        return found;
    }

    private Stream<String> sources() {
        try (Stream<Path> files = Files.walk(main().resolve("java"))) {
            return files.filter(file -> file.toString().endsWith(".java")).map(SourceFacts::read).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path main() {
        return Kustomized.ROOT.resolve(folder).resolve("src/main");
    }
}
