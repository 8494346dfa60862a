package io.terway.eni.ecs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyuncs.AcsRequest;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the native image's metadata in step with the parts of the SDK that the code uses. */
final class NativeMetadataTest {

    private static final String METADATA = "META-INF/native-image/io.terway/eni-manager/reachability-metadata.json";

    @Test
    void everyAnswerOfTheSdkThatWeReadCanBeInstantiatedAndNoOtherIsListed() throws Exception {
        Set<String> needed = new TreeSet<>();
        for (String request : requestsInCode()) {
            AcsRequest<?> sample = (AcsRequest<?>)
                    Class.forName(request).getDeclaredConstructor().newInstance();
            needed.add(sample.getResponseClass().getName());
        }

        Set<String> listed = new TreeSet<>();
        for (JsonElement entry : metadata("reflection")) {
            String type = entry.getAsJsonObject().get("type").getAsString();
            if (type.endsWith("Response")) {
                listed.add(type);
            }
        }

        assertTrue(needed.size() >= 10, "the scan found only " + needed);
        assertEquals(needed, listed);
    }

    @Test
    void everyListedTypeMemberAndResourceExists() throws Exception {
        for (JsonElement element : metadata("reflection")) {
            JsonObject entry = element.getAsJsonObject();
            Class<?> type = Class.forName(entry.get("type").getAsString());
            if (entry.has("fields")) {
                for (JsonElement field : entry.getAsJsonArray("fields")) {
                    assertNotNull(type.getDeclaredField(
                            field.getAsJsonObject().get("name").getAsString()));
                }
            }
        }
        for (JsonElement resource : metadata("resources")) {
            String name = resource.getAsJsonObject().get("glob").getAsString();
            assertNotNull(AcsRequest.class.getClassLoader().getResource(name), name);
        }
    }

    private static JsonArray metadata(String part) throws IOException {
        try (InputStream in = NativeMetadataTest.class.getClassLoader().getResourceAsStream(METADATA)) {
            return JsonParser.parseReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .getAsJsonObject()
                    .getAsJsonArray(part);
        }
    }

    /** Request classes named in the class files of this package. */
    private static Set<String> requestsInCode() throws Exception {
        Path classes = Path.of(EcsCloud.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve("io/terway/eni/ecs");
        Set<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.list(classes)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
                    if (entry instanceof ClassEntry type
                            && type.asInternalName().matches("com/aliyuncs/\\w+/model/\\w+/\\w+Request")) {
                        found.add(type.asInternalName().replace('/', '.'));
                    }
                }
            }
        }
        return found;
    }
}
