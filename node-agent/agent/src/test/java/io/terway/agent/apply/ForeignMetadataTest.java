package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.linux.ffm.Downcall;
import io.terway.linux.ffm.Libc;
import io.terway.linux.nft.Nft;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A native image fails only at run time on a call whose shape it was not told at build time. */
class ForeignMetadataTest {

    private static final String FILE = "/META-INF/native-image/io.terway/node-agent/reachability-metadata.json";

    @Test
    void nativeImageKnowsExactlyTheShapesThatAreLinked() throws IOException {
        Set<String> linked = Stream.concat(Libc.downcalls().stream(), Nft.downcalls().stream())
                .map(ForeignMetadataTest::shape)
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(linked, registered());
    }

    private static Set<String> registered() throws IOException {
        Set<String> shapes = new TreeSet<>();
        try (InputStream in = ForeignMetadataTest.class.getResourceAsStream(FILE)) {
            for (JsonNode call : new ObjectMapper().readTree(in).path("foreign").path("downcalls")) {
                StringBuilder parameters = new StringBuilder();
                call.path("parameterTypes")
                        .forEach(t -> parameters.append(t.asText()).append(' '));
                JsonNode options = call.path("options");
                shapes.add(shape(
                        call.path("returnType").asText(),
                        parameters.toString(),
                        options.path("firstVariadicArg").asInt(Downcall.FIXED),
                        options.path("captureCallState").asBoolean()));
            }
        }
        return shapes;
    }

    private static String shape(Downcall call) {
        String parameters = call.descriptor().argumentLayouts().stream()
                .map(t -> type(t) + " ")
                .collect(Collectors.joining());
        String result =
                call.descriptor().returnLayout().map(ForeignMetadataTest::type).orElse("void");
        return shape(result, parameters, call.firstVariadic(), call.capturesErrno());
    }

    private static String shape(String result, String parameters, int firstVariadic, boolean capturesErrno) {
        return result + " (" + parameters + ") variadic " + firstVariadic + " errno " + capturesErrno;
    }

    private static String type(MemoryLayout layout) {
        return switch (layout) {
            case AddressLayout _ -> "void*";
            case ValueLayout v -> "j" + v.carrier();
            case MemoryLayout other -> throw new AssertionError("no struct is passed by value: " + other);
        };
    }
}
