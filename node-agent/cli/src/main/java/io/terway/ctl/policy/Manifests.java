package io.terway.ctl.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.terway.policy.read.Field;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** Objects of manifest files: YAML with several documents, JSON, and any {@code List} of them; directories too. */
final class Manifests {

    /** More would be no manifest, and would not fit into memory. */
    private static final int CHARACTERS_LIMIT = 1 << 30;

    /** Of one file; aliases can make a short one hold more than any machine. */
    private static final int OBJECTS_LIMIT = 5_000_000;

    private static final int DEPTH_LIMIT = 8;

    /** What some editors write before the text. */
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(com.fasterxml.jackson.core.JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Manifests() {}

    /** All objects of these files, lists opened, in order. {@code -} is standard input. */
    static List<Field> read(List<String> files) {
        List<Field> out = new ArrayList<>();
        for (String file : files) {
            for (Path path : expand(file)) {
                String name = file.equals("-") ? "standard input" : path.toString();
                var opening = new Opening(name, out);
                parse(name, content(file, path)).forEach(object -> opening.open(object, 0));
            }
        }
        return out;
    }

    /** The bytes of a file or of standard input as text. */
    static String content(String file, Path path) {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(path)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
        } catch (IOException e) {
            throw new BadInput("cannot read " + path + ": " + reason(e));
        }
    }

    private static List<Path> expand(String file) {
        Path path = Path.of(file);
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> entries = Files.list(path)) {
            List<Path> found = entries.filter(Files::isRegularFile)
                    .filter(entry -> entry.toString().matches(".*\\.(ya?ml|json)"))
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new BadInput("directory " + file + " holds no .yaml, .yml or .json file");
            }
            return found;
        } catch (IOException e) {
            throw new BadInput("cannot read " + file + ": " + reason(e));
        }
    }

    private static String reason(IOException e) {
        return e instanceof java.nio.file.NoSuchFileException
                ? "there is no such file"
                : String.valueOf(e.getMessage());
    }

    private static List<Object> parse(String name, String text) {
        String start = text.stripLeading();
        if (start.startsWith("{") || start.startsWith("[")) {
            try (MappingIterator<Object> values = JSON.readerFor(Object.class).readValues(text)) {
                return values.readAll();
            } catch (JsonProcessingException e) {
                // Flow style YAML begins the same way; if it is neither, YAML's complaint names line and column too.
                return yaml(name, text);
            } catch (IOException e) {
                throw new BadInput("cannot read " + name + ": " + e.getMessage());
            }
        }
        return yaml(name, text);
    }

    private static List<Object> yaml(String name, String text) {
        try {
            List<Object> out = new ArrayList<>();
            parser().loadAll(text).forEach(out::add);
            return out;
        } catch (YAMLException e) {
            throw new BadInput(name + " is neither YAML nor JSON: " + OneLine.of(e.getMessage()));
        }
    }

    private static Yaml parser() {
        var options = new LoaderOptions();
        options.setCodePointLimit(CHARACTERS_LIMIT);
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(1_000);
        return new Yaml(
                new PlainKeys(options),
                new Representer(new DumperOptions()),
                new DumperOptions(),
                options,
                new PlainScalars());
    }

    /** Keys are scalars, as in JSON: one that is a collection of aliases would take forever to compare. */
    private static final class PlainKeys extends SafeConstructor {
        PlainKeys(LoaderOptions options) {
            super(options);
        }

        @Override
        protected void constructMapping2ndStep(MappingNode node, Map<Object, Object> mapping) {
            node.getValue().stream()
                    .map(NodeTuple::getKeyNode)
                    .filter(key -> !(key instanceof ScalarNode))
                    .findFirst()
                    .ifPresent(key -> {
                        throw new YAMLException("a key is no scalar" + key.getStartMark());
                    });
            super.constructMapping2ndStep(node, mapping);
        }
    }

    /** Dates stay text, as in JSON. */
    private static final class PlainScalars extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
            addImplicitResolver(Tag.INT, INT, "-+0123456789");
            addImplicitResolver(Tag.FLOAT, FLOAT, "-+0123456789.");
            addImplicitResolver(Tag.MERGE, MERGE, "<");
            addImplicitResolver(Tag.NULL, NULL, "~nN\0");
            addImplicitResolver(Tag.NULL, EMPTY, null);
        }
    }

    /** Opens lists, also such whose objects share the list's kind, as {@code kubectl get --raw} gives them. */
    private static final class Opening {
        private final String name;
        private final List<Field> out;
        private int seen;

        Opening(String name, List<Field> out) {
            this.name = name;
            this.out = out;
        }

        private void open(Object object, int depth) {
            if (++seen > OBJECTS_LIMIT || depth > DEPTH_LIMIT) {
                throw new BadInput(name + ": lists hold more than " + OBJECTS_LIMIT
                        + " objects, or each other more than " + DEPTH_LIMIT + " deep");
            }
            switch (object) {
                case null -> {
                    // an empty document
                }
                case List<?> objects -> objects.forEach(each -> open(each, depth + 1));
                case Map<?, ?> members -> open(members, depth);
                default ->
                    throw new BadInput(
                            name + ": '" + OneLine.of(String.valueOf(object)) + "' is not a Kubernetes object");
            }
        }

        private void open(Map<?, ?> members, int depth) {
            Object kind = members.get("kind");
            if (kind instanceof String text && text.endsWith("List") && members.containsKey("items")) {
                Object items = members.get("items");
                if (items instanceof List<?> objects) {
                    String each = text.substring(0, text.length() - "List".length());
                    objects.forEach(item -> open(each.isEmpty() ? item : kinded(item, each, members), depth + 1));
                } else if (items != null) {
                    throw new BadInput(name + ": items of a " + OneLine.of(text) + " is not a list");
                }
            } else if (kind == null) {
                throw new BadInput(name + ": an object has no kind");
            } else {
                out.add(Field.root(members));
            }
        }

        private static Object kinded(Object item, String kind, Map<?, ?> list) {
            if (!(item instanceof Map<?, ?> members) || members.get("kind") != null) {
                return item;
            }
            Map<Object, Object> out = new LinkedHashMap<>(members);
            out.put("kind", kind);
            out.putIfAbsent("apiVersion", list.get("apiVersion"));
            return out;
        }
    }
}
