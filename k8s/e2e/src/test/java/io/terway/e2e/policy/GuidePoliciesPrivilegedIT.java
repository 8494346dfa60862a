package io.terway.e2e.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.netns.Lab;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** The policies that we ship, in a lab as users start it: what each says it does, packets do. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GuidePoliciesPrivilegedIT {

    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
    private static final String LAB = ROOT.resolve("k8s/lab/lab").toString();

    @TempDir
    private static Path scratch;

    private static Path state;

    private record Outcome(int code, String output) {}

    @BeforeAll
    static void startLab() {
        Assumptions.assumeTrue(Lab.permitted(), "privilege: needs root or CAP_SYS_ADMIN to make network namespaces");
        for (String program : List.of("kubectl", "curl")) {
            Assumptions.assumeTrue(run("sh", "-c", "command -v " + program).code() == 0, "package: needs " + program);
        }
        state = scratch.resolve("lab");
        // Room for pods that have a security group of their own, and so an ENI.
        Outcome up = lab("up", "--instance-type", "ecs.g7.4xlarge");
        assertEquals(0, up.code(), up.output());
    }

    @AfterAll
    static void endLab() {
        if (state != null) {
            lab("down");
        }
    }

    @Test
    @Order(1)
    void eachPolicyDoesWhatItExpects() {
        Outcome checked = run(ROOT.resolve("k8s/policies/check").toString(), state.toString());

        assertEquals(0, checked.code(), checked.output());
        assertTrue(
                checked.output().lines().filter(line -> line.endsWith(": ok")).count() >= 60, checked.output());
    }

    @Test
    @Order(2)
    void explainTellsOfTheLiveClusterWhatItsPacketsDo() {
        Path policy = ROOT.resolve("k8s/policies/app-to-db/policy.yaml");
        assertEquals(0, inLab("kubectl", "apply", "-f", policy.toString()).code());

        Outcome allowed = explain("production/backend", "production/mysql");
        Outcome denied = explain("production/frontend", "production/mysql");

        assertTrue(allowed.output().contains("allow") && allowed.output().contains("production/"), allowed.output());
        assertTrue(denied.output().contains("deny"), denied.output());
        inLab("kubectl", "delete", "-f", policy.toString());
    }

    private static Outcome explain(String from, String to) {
        String cli = ROOT.resolve("node-agent/cli/target/terway-cli").toString();
        return inLab(cli, "policy", "explain", "--from", from, "--to", to, "--port", "3306");
    }

    private static Outcome inLab(String... command) {
        List<String> words = new ArrayList<>(List.of("run", "--"));
        words.addAll(List.of(command));
        return lab(words.toArray(String[]::new));
    }

    /** The state directory comes first among options, because what follows {@code --} is not ours. */
    private static Outcome lab(String... arguments) {
        List<String> words = new ArrayList<>(List.of(LAB, arguments[0]));
        words.addAll(List.of("--state", state.toString()));
        words.addAll(List.of(arguments).subList(1, arguments.length));
        return run(words.toArray(String[]::new));
    }

    private static Outcome run(String... words) {
        try {
            ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
            // Maven has just built it; a build within a build would end badly.
            builder.environment().put("TERWAY_LAB_BUILD", "skip");
            builder.redirectOutput(scratch.resolve("output").toFile());
            Process process = builder.start();
            int code = process.waitFor();
            return new Outcome(code, java.nio.file.Files.readString(scratch.resolve("output")));
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
