package io.terway.lab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.lab.Refusal;
import io.terway.lab.Shell;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The part of the lab that answers before anything is built. */
class DepsScriptTest {

    @Test
    void everyPackageHasStateAndPurpose() throws Exception {
        Shell.Outcome outcome = Shell.run(List.of("./lab", "deps", "--json"), "");

        JsonNode packages = new ObjectMapper().readTree(outcome.out()).path("packages");
        assertTrue(packages.size() > 5, outcome::toString);
        packages.forEach(entry -> {
            assertTrue(
                    List.of("present", "missing").contains(entry.path("state").asText()), entry::toString);
            assertTrue(!entry.path("purpose").asText().isEmpty(), entry::toString);
        });
    }

    @Test
    void anUnknownArgumentIsOneLine() {
        Shell.Outcome outcome = Shell.run(List.of("./lab", "deps", "--uninstall"), "");

        assertEquals(Refusal.USAGE, outcome.code());
        assertEquals("lab: deps has no argument '--uninstall'; it takes --install and --json", outcome.err());
    }
}
