package io.terway.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.terway.wire.agent.v1.AgentGrpc;
import io.terway.wire.agent.v1.Node;
import io.terway.wire.agent.v1.ShowRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command against an agent on loopback. */
class TerwayCliIT {

    /** What was printed and the exit code. */
    private record Outcome(int exit, String out, String err) {}

    private static Outcome execute(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = TerwayCli.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return new Outcome(line.execute(args), out.toString(), err.toString());
    }

    private static Server agent(Status refusal) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new AgentGrpc.AgentImplBase() {
                    @Override
                    public void show(ShowRequest request, StreamObserver<Node> answer) {
                        if (refusal.isOk()) {
                            answer.onNext(ShowGolden.node());
                            answer.onCompleted();
                        } else {
                            answer.onError(refusal.asRuntimeException());
                        }
                    }
                })
                .build()
                .start();
    }

    @Test
    void showsTheNode() throws IOException {
        Server agent = agent(Status.OK);
        try {
            Outcome outcome = execute("show", "--address", "127.0.0.1:" + agent.getPort());
            assertEquals(new Outcome(0, NodeText.of(ShowGolden.node()), ""), outcome);
        } finally {
            agent.shutdownNow();
        }
    }

    @Test
    void saysThatNoAgentAnswers() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        Outcome outcome = execute("show", "--address", "127.0.0.1:" + free);
        assertEquals(69, outcome.exit());
        assertTrue(outcome.err().startsWith("terway-cli: no node agent answers at 127.0.0.1:" + free), outcome.err());
        assertEquals(1, outcome.err().lines().count());
    }

    @Test
    void passesARefusalOn() throws IOException {
        Server agent = agent(Status.INTERNAL.withDescription("broken"));
        try {
            Outcome outcome = execute("show", "--address", "127.0.0.1:" + agent.getPort());
            assertEquals(70, outcome.exit());
            assertTrue(outcome.err().contains("broken"), outcome.err());
        } finally {
            agent.shutdownNow();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nonsense", "show -o yaml", "show --addres x"})
    void refusesWrongUsageInOneLine(String words) {
        Outcome outcome = execute(words.split(" "));
        assertEquals(2, outcome.exit());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
    }

    @Test
    void refusesAnAddressWithoutPort() {
        Outcome outcome = execute("show", "--address", "localhost");
        assertEquals(70, outcome.exit());
        assertTrue(outcome.err().contains("--address is 'localhost'; it must be HOST:PORT"), outcome.err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "frob|there is no command 'frob'; see terway-cli --help",
                "policy|which command? check, lint, explain, watch, to-security-group; see terway-cli policy --help",
                "policy frob|there is no command 'frob'; see terway-cli policy --help",
                "plan|Missing required parameter: 'FILE'; see terway-cli plan --help",
                "show --bad|Unknown option: '--bad'; see terway-cli show --help",
                "config check /no/such|/no/such cannot be read: there is no such file",
                "plan /no/such|/no/such cannot be read: there is no such file",
                "policy explain --from web --to a/b --port 1|--from is 'web'; it must be namespace/name of a pod, or an address",
            })
    void aWrongCommandIsOneLineThatSaysWhatToDo(String arguments, String said) {
        assertEquals(new Outcome(2, "", "terway-cli: " + said + "\n"), execute(arguments.split(" ")));
    }
}
