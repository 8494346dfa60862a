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
import java.util.List;
import java.util.stream.Stream;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** Objects of manifest files: YAML with several documents, JSON, and any {@code List} of them; directories too. */
final class Manifests {

    /** More would be no manifest, and would not fit into memory. */
    private static final int CHARACTERS_LIMIT = 1 << 30;

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
                parse(name, content(file, path)).forEach(object -> open(name, object, out));
            }
        }
        return out;
    }

    /** The bytes of a file or of standard input as text. */
    static String content(String file, Path path) {
        try {
            if (file.equals("-")) {
                return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
            }
            try (InputStream in = Files.newInputStream(path)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
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
            parser().loadAll(text.startsWith("\uFEFF") ? text.substring(1) : text)
                    .forEach(out::add);
            return out;
        } catch (YAMLException e) {
            throw new BadInput(name + " is neither YAML nor JSON: " + oneLine(e.getMessage()));
        }
    }

    private static Yaml parser() {
        var options = new LoaderOptions();
        options.setCodePointLimit(CHARACTERS_LIMIT);
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(1_000);
        return new Yaml(
                new SafeConstructor(options),
                new Representer(new DumperOptions()),
                new DumperOptions(),
                options,
                new PlainScalars());
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

    private static void open(String name, Object object, List<Field> out) {
        switch (object) {
            case null -> {
                // an empty document
            }
            case List<?> objects -> objects.forEach(each -> open(name, each, out));
            case java.util.Map<?, ?> members -> {
                Object kind = members.get("kind");
                if (kind instanceof String text && text.endsWith("List") && members.containsKey("items")) {
                    open(name, members.get("items"), out);
                } else if (kind == null) {
                    throw new BadInput(name + ": an object has no kind");
                } else {
                    out.add(Field.root(object));
                }
            }
            default ->
                throw new BadInput(name + ": '" + oneLine(String.valueOf(object)) + "' is not a Kubernetes object");
        }
    }

    static String oneLine(String text) {
        String line = String.valueOf(text).replaceAll("\\s+", " ").strip();
        return line.length() <= 300 ? line : line.substring(0, 297) + "...";
    }
}
