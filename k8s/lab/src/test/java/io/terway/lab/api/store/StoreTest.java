package io.terway.lab.api.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {

    private static final Resource.Id PODS = new Resource.Id("", "pods");

    @TempDir
    Path directory;

    private Path file() {
        return directory.resolve("state");
    }

    private static ObjectKey key(String name) {
        return new ObjectKey("default", name);
    }

    private static ObjectNode object(String name, int size) {
        ObjectNode object = Json.object();
        Meta.of(object).put("name", name).put("uid", "uid-" + name);
        return object.put("filling", "x".repeat(size));
    }

    @Test
    void aTornLastRecordIsCutAndTheRestKept() throws IOException {
        try (Store store = Store.open(file())) {
            store.put(PODS, key("a"), object("a", 1));
            store.put(PODS, key("b"), object("b", 1));
        }
        byte[] content = Files.readAllBytes(file());
        Files.write(file(), java.util.Arrays.copyOf(content, content.length - 7));

        try (Store store = Store.open(file())) {
            assertTrue(store.get(PODS, key("a")).isPresent());
            assertTrue(store.get(PODS, key("b")).isEmpty());
            store.put(PODS, key("c"), object("c", 1));
        }
        assertEquals(2, Journal.read(file()).size());
    }

    @Test
    void damageBeforeTheLastRecordStopsTheStart() throws IOException {
        try (Store store = Store.open(file())) {
            store.put(PODS, key("a"), object("a", 1));
            store.put(PODS, key("b"), object("b", 1));
        }
        byte[] content = Files.readAllBytes(file());
        content[20] ^= 1;
        Files.write(file(), content);

        IOException refused = assertThrows(IOException.class, () -> Store.open(file()));

        assertTrue(refused.getMessage().contains("damaged at byte 0"), refused.getMessage());
    }

    @Test
    void oneFileHasOneServer() throws IOException {
        try (Store store = Store.open(file())) {
            store.put(PODS, key("a"), object("a", 1));
            assertThrows(Exception.class, () -> Store.open(file()));
        }
    }

    @Test
    void compactionKeepsEverythingAndTheVersion() throws IOException {
        long version;
        try (Store store = Store.open(file())) {
            store.remember("fact", "kept");
            store.put(PODS, key("other"), object("other", 1));
            for (int i = 0; i < 60; i++) {
                store.put(PODS, key("a"), object("a", 200_000));
            }
            store.remove(PODS, key("other"));
            version = store.version();
        }
        assertTrue(Files.size(file()) < 10 << 20, "the journal grew to " + Files.size(file()));

        try (Store store = Store.open(file())) {
            assertEquals(version, store.version());
            assertEquals("kept", store.fact("fact").orElseThrow());
            assertTrue(store.get(PODS, key("a")).isPresent());
            assertFalse(store.get(PODS, key("other")).isPresent());
        }
    }

    @Test
    void aLeftoverOfAnInterruptedCompactionIsHarmless() throws IOException {
        try (Store store = Store.open(file())) {
            store.put(PODS, key("a"), object("a", 1));
        }
        Files.writeString(directory.resolve("state.next"), "half", StandardCharsets.UTF_8, StandardOpenOption.CREATE);

        try (Store store = Store.open(file())) {
            assertTrue(store.get(PODS, key("a")).isPresent());
        }
    }

    @Test
    void theHistoryReachesAsFarAsItsBound() throws IOException {
        try (Store store = Store.open(file(), 3)) {
            for (int i = 0; i < 5; i++) {
                store.put(PODS, key("a"), object("a", i));
            }

            assertFalse(store.history().reaches(1));
            assertTrue(store.history().reaches(2));
            assertEquals(
                    List.of(3L, 4L, 5L),
                    store.history().after(2).stream().map(Change::version).toList());
        }
    }

    @Test
    void theOldestRestOfAListIsForgottenFirst() {
        Pages pages = new Pages();
        List<ObjectNode> items =
                IntStream.range(0, 3).mapToObj(i -> object("o" + i, 1)).toList();
        String first = pages.first(1, items, 1).next();
        String last = "";
        for (int i = 0; i < Pages.MAX_RESTS; i++) {
            last = pages.first(1, items, 1).next();
        }

        assertEquals(2, pages.next(last, 10).items().size());
        assertEquals(
                410, assertThrows(Refusal.class, () -> pages.next(first, 10)).code());
    }
}
