package io.terway.lab.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.lab.Refusal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LabTest {
    @TempDir
    Path state;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    sing                                                  | 'sing' is no command or argument here; see lab --help
                    up --nodes 0                                          | --nodes 0 is not in 1..64
                    up --nodes many                                       | --nodes
                    up --mode Bridge                                      | --mode 'Bridge' is not one of ENIIP, ENI, Trunk, VPC
                    up --stack ipx                                        | --stack 'ipx' is not one of ipv4, ipv6, dual
                    up --eni-config /nonexistent                          | --eni-config /nonexistent is not a readable file
                    up --instance-type ecs.nope                           | instance type ecs.nope is not in the table
                    up --colour red                                       | --colour
                    pod                                                   | lab pod needs add, exec, check or del
                    pod add nameless --node node-1                        | 'nameless' is not NAMESPACE/NAME
                    pod add default/a                                     | --node
                    pod add default/a --node node-1 --port http           | --port 'http' is not NAME=NUMBER/PROTOCOL, such as http=80/TCP
                    pod add default/a --node node-1 --port http=70000/TCP | 70000 is not in 1..65535
                    pod add default/a --node node-1 --port http=80/ICMP   | protocol ICMP is not TCP, UDP or SCTP
                    pod add default/a --node node-1 --label app           | --label 'app' is not KEY=VALUE
                    fault dance                                           | lab fault does not know 'dance'
                    fault add fail times=often                            | times must be a number, not 'often'
                    fault instance i-1 paint                              | 'paint' is not one of stop, start, release
                    apply                                                 | -f
                    run                                                   | CMD
                    """)
    void badInputIsOneLineThatNamesTheValue(String words, String said) {
        int code = execute(words.split(" "));

        assertEquals(Refusal.USAGE, code);
        assertTrue(err.toString().contains(said), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    up --mode Trunk --instance-type ecs.g7.large | --mode Trunk needs an instance type with member ENIs; ecs.g7.large has none, ecs.g7.4xlarge has 12
                    status             | no lab runs in
                    env --json         | no lab runs in
                    kill cloud         | no lab runs in
                    logs cloud         | no log of 'cloud'
                    pod del default/a  | no lab runs in
                    """)
    void whatCannotBeDoneIsOneLine(String words, String said) {
        int code = execute(words.split(" +"));

        assertEquals(Refusal.FAILED, code);
        assertTrue(err.toString().contains(said), err::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
    }

    @Test
    void aTooLongStateDirectoryIsRefusedBeforeAnythingIsMade() {
        int code = Lab.execute(
                new PrintWriter(out, true), new PrintWriter(err, true), "status", "--state", "/tmp/" + "x".repeat(90));

        assertEquals(Refusal.USAGE, code);
        assertTrue(err.toString().contains("choose a shorter directory"), err::toString);
    }

    @Test
    void optionsMayStandBetweenThePodAndItsCommand() {
        String elsewhere = state.resolve("elsewhere").toString();

        execute("pod", "exec", "default/a", "--state", elsewhere, "--", "ip", "-4", "--json");

        assertTrue(err.toString().contains("no lab runs in " + elsewhere), err::toString);
    }

    @Test
    void aCommandEntersTheLabFirstAndThenTheNamespace() {
        List<String> line = Entry.command(7, true, Path.of("/home/a"), "/run/netns/node-1", List.of("ip", "-4", "a"));

        assertEquals(
                "nsenter --target 7 --user --preserve-credentials --mount --net --pid --wdns=/home/a -- "
                        + "nsenter --net=/run/netns/node-1 -- ip -4 a",
                String.join(" ", line));
    }

    private int execute(String... words) {
        List<String> all = new ArrayList<>(List.of("--state", state.resolve("s").toString()));
        all.addAll(List.of(words));
        return Lab.execute(new PrintWriter(out, true), new PrintWriter(err, true), all.toArray(String[]::new));
    }
}
