package io.terway.lab.fabric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.lab.Refusal;
import io.terway.lab.Shell;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Packets through the simulated VPC, in namespaces that go with the test. */
class FabricPrivilegedIT {
    @TempDir
    Path state;

    @ParameterizedTest
    @CsvSource({"FabricDrill, 11", "Ipv6Drill, 12", "GroupDrill, 12", "GroupOracleDrill, 2"})
    void theVpcCarriesWhatItsStateAllowsAndNothingElse(String drill, int laws) {
        requireTools();
        run(drill, laws);
    }

    @Test
    void membersOfATrunkCarryTheirTags() {
        requireTools();
        if (!System.getProperty("user.name").equals("root")) {
            Assumptions.abort("privilege: needs root, the tags are set by BPF programs");
        }
        run("MemberDrill", 11);
    }

    private void run(String drill, int laws) {
        List<String> command = new ArrayList<>(
                List.of("unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"));
        command.addAll(namespaceOptions());
        command.addAll(List.of("bash", "src/main/sh/init.sh", state.toString()));
        command.addAll(List.of(
                System.getProperty("java.home") + "/bin/java",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.terway.lab.fabric." + drill));

        Shell.Outcome outcome = Shell.run(command, "");

        assertTrue(outcome.ok(), outcome::toString);
        List<String> told = outcome.out().lines().toList();
        assertEquals(laws, told.size(), outcome::toString);
        assertEquals(
                List.of(), told.stream().filter(law -> !law.endsWith("=true")).toList());
        assertFalse(Files.exists(Path.of("/run/netns/vpc")), "the router's namespace leaked to the host");
    }

    private static List<String> namespaceOptions() {
        if (System.getProperty("user.name").equals("root")) {
            return List.of();
        }
        List<String> rootless = List.of("--user", "--map-root-user");
        if (!Shell.run(
                        Stream.concat(Stream.of("unshare"), Stream.concat(rootless.stream(), Stream.of("true")))
                                .toList(),
                        "")
                .ok()) {
            Assumptions.abort("privilege: needs root or unprivileged user namespaces");
        }
        return rootless;
    }

    private static void requireTools() {
        for (String tool : List.of("ip", "nft", "nsenter", "tc", "unshare")) {
            try {
                Shell.run(List.of(tool, tool.equals("tc") ? "-V" : "--version"), "");
            } catch (Refusal missing) {
                Assumptions.abort("package: needs " + tool);
            }
        }
    }
}
