package io.terway.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConfigCommandTest {

    private static final String HEAD =
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: eni-config\n  namespace: kube-system\ndata:\n";

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void saysThatAGuidesManifestIsValidAndWhichKeysHaveNoEffect() throws IOException {
        Path file = file(HEAD + """
                  eni_conf: |
                    {
                      "version": "1",
                      // comment
                      "max_pool_size": 50,
                      "ip_pool_sync_period": "120s",
                      "network_mode": "Trunking"
                    }
                """);

        assertEquals(0, run("config", "check", file.toString()), err.toString());

        assertTrue(out.toString().contains("eni-config: valid, Trunk mode"), out.toString());
        assertTrue(out.toString().contains("ip_pool_sync_period is accepted and has no effect"), out.toString());
    }

    @Test
    void namesEveryProblemWithFieldValueAndRange() throws IOException {
        Path file = file("{\"max_pool_size\": -1, \"ip_stack\": \"v4\", \"vswitchs\": {}}");

        assertEquals(1, run("config", "check", file.toString()));

        assertTrue(out.toString().contains("eni_conf.max_pool_size is '-1'"), out.toString());
        assertTrue(out.toString().contains("eni_conf.ip_stack is 'v4'"), out.toString());
        assertTrue(out.toString().contains("eni_conf.vswitchs is not a known key"), out.toString());
    }

    @Test
    void aListInsideOfTheDataIsExplained() throws IOException {
        Path file = file(HEAD + "  eni_conf:\n    - a\n");

        assertEquals(2, run("config", "check", file.toString()));

        assertTrue(err.toString().contains("data.eni_conf"), err.toString());
    }

    @Test
    void checksAnOverrideOverTheClustersConfiguration() throws IOException {
        Path cluster = file("{\"max_pool_size\": 5, \"min_pool_size\": 2}");
        Path override = Files.writeString(directory.resolve("over.json"), "{\"min_pool_size\": 9}");

        assertEquals(1, run("config", "check", "--over", cluster.toString(), override.toString()));

        assertTrue(out.toString().contains("at most max_pool_size (5)"), out.toString());
    }

    @Test
    void whatAnAddonsParametersMeanIsAValidConfiguration() throws IOException {
        assertEquals(0, run("config", "from-addon", "{\"IPVlan\":\"true\",\"NetworkPolicy\":\"false\"}"));
        String manifest = out.toString();
        assertTrue(manifest.contains("\"eniip_virtual_type\": \"IPVlan\""), manifest);
        assertTrue(manifest.contains("disable_network_policy: \"true\""), manifest);

        assertEquals(0, run("config", "check", file(manifest).toString()), out + err.toString());
    }

    @Test
    void anUnknownAddonParameterIsRefusedByName() {
        assertEquals(2, run("config", "from-addon", "{\"IPvlan\":\"true\"}"));

        assertTrue(err.toString().contains("IPvlan is not known"), err.toString());
    }

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("eni-config.yaml"), text);
    }

    private int run(String... args) {
        CommandLine line = TerwayCli.commandLine();
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err, true));
        return line.execute(args);
    }
}
