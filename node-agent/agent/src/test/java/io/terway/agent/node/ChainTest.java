package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChainTest {

    @TempDir
    Path directory;

    private void list(String file, String... types) throws IOException {
        String plugins = "{\"type\":\"" + String.join("\"},{\"type\":\"", types) + "\"}";
        Files.writeString(directory.resolve(file), "{\"name\":\"n\",\"plugins\":[" + plugins + "]}");
    }

    @Test
    void findsAPluginInOurOwnListOnly() throws IOException {
        list("05-other.conflist", "bridge", "bandwidth");
        list("10-terway.conflist", "terway", "portmap");
        Chain chain = new Chain(Optional.of(directory));

        assertFalse(chain.has("bandwidth"));
        assertTrue(chain.has("portmap"));
    }

    @Test
    void followsTheFileAndSurvivesWhatIsUnreadable() throws IOException {
        Chain chain = new Chain(Optional.of(directory));
        assertFalse(chain.has("bandwidth"));
        Files.writeString(directory.resolve("00-broken.conflist"), "{");
        list("10-terway.conflist", "terway", "bandwidth");

        assertTrue(chain.has("bandwidth"));
        assertFalse(new Chain(Optional.empty()).has("bandwidth"));
    }
}
