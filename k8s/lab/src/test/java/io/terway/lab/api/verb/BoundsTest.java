package io.terway.lab.api.verb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.kind.Resource;
import io.terway.lab.api.kind.Resources;
import io.terway.lab.api.object.Json;
import io.terway.lab.api.object.Meta;
import io.terway.lab.api.object.Refusal;
import io.terway.lab.api.store.ObjectKey;
import io.terway.lab.api.store.Store;
import io.terway.net.Cidr;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens where something runs out. */
class BoundsTest {

    @TempDir
    Path directory;

    private Store store;
    private Cluster cluster;
    private Create create;

    @BeforeEach
    void open() throws IOException {
        store = Store.open(directory.resolve("state"));
        cluster = new Cluster(
                store,
                new Resources(),
                InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z")),
                new Ids(new Random(1)),
                new ServiceAddresses(Cidr.parse("172.16.0.0/30"), store));
        create = new Create(cluster);
        new Bootstrap(cluster, create).run("127.0.0.1", 0);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private Resource core(String plural) {
        return cluster.resources().find("", "v1", plural).orElseThrow();
    }

    private ObjectNode make(String plural, String name) {
        ObjectNode object = Json.object();
        Meta.of(object).put("name", name);
        object.putObject("spec");
        return create.create(core(plural), object, new ObjectKey("default", ""), false);
    }

    @Test
    void theOldestEventsMakeRoom() {
        for (int i = 0; i <= Create.MAX_EVENTS; i++) {
            make("events", "e" + i);
        }

        var events = store.all(Cluster.EVENTS);
        assertEquals(Create.MAX_EVENTS + 1 - Create.MAX_EVENTS / 10, events.size());
        assertTrue(events.containsKey(new ObjectKey("default", "e" + Create.MAX_EVENTS)));
    }

    @Test
    void aServiceRangeThatIsFullIsNamed() {
        make("services", "last");

        Refusal refused = assertThrows(Refusal.class, () -> make("services", "none"));

        assertTrue(refused.getMessage().contains("no address of 172.16.0.0/30 is free"), refused.getMessage());
    }

    @Test
    void definitionsAreBounded() {
        Resource definitions = cluster.resources()
                .find("apiextensions.k8s.io", "v1", "customresourcedefinitions")
                .orElseThrow();
        for (int i = 0; i < Resources.MAX_DEFINITIONS; i++) {
            create.create(definitions, definition("w" + i), new ObjectKey("", ""), false);
        }

        Refusal refused = assertThrows(
                Refusal.class, () -> create.create(definitions, definition("more"), new ObjectKey("", ""), false));

        assertEquals(429, refused.code());
    }

    @Test
    void aLongChainOfOwnersGoesAtOnce() {
        ObjectNode owner = make("configmaps", "c0");
        for (int i = 1; i < 20_000; i++) {
            ObjectNode object = Json.object();
            Meta.of(object).put("name", "c" + i);
            Meta.of(object)
                    .putArray("ownerReferences")
                    .addObject()
                    .put("apiVersion", "v1")
                    .put("kind", "ConfigMap")
                    .put("name", "c" + (i - 1))
                    .put("uid", Meta.uid(owner));
            owner = create.create(core("configmaps"), object, new ObjectKey("default", ""), false);
        }

        new Delete(cluster, Duration.ZERO)
                .delete(core("configmaps"), new ObjectKey("default", "c0"), Delete.Options.NOW);

        assertEquals(0, store.all(new Resource.Id("", "configmaps")).size());
    }

    private static ObjectNode definition(String plural) {
        ObjectNode out = Json.object();
        Meta.of(out).put("name", plural + ".lab.terway.io");
        ObjectNode spec = out.putObject("spec").put("group", "lab.terway.io").put("scope", "Cluster");
        spec.putObject("names").put("plural", plural).put("kind", "W" + plural);
        ObjectNode version = spec.putArray("versions").addObject().put("name", "v1");
        version.put("served", true).put("storage", true);
        version.putObject("schema").putObject("openAPIV3Schema").put("type", "object");
        return out;
    }
}
