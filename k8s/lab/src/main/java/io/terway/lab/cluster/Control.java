package io.terway.lab.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.lab.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The conversation between a command and the lab's supervisor: one JSON object per line over a unix socket. The command
 * sends one request with "op"; the supervisor answers lines with "progress", and at last one with "result" or "error".
 */
public final class Control {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** A manifest of `lab apply` is the largest request. */
    private static final int LIMIT = 8 << 20;

    private Control() {}

    /** The supervisor's side of one request. */
    interface Handler {
        /**
         * @param progress takes lines to show meanwhile
         * @param peer ends the conversation when closed; for requests that last as long as it
         */
        JsonNode handle(ObjectNode request, Consumer<String> progress, BufferedReader peer) throws Exception;
    }

    /** Serves until the channel is closed; one virtual thread per conversation. */
    static ServerSocketChannel serve(Path socket, Handler handler) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listener.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().name("control").start(() -> {
            while (listener.isOpen()) {
                try {
                    SocketChannel peer = listener.accept();
                    Thread.ofVirtual().start(() -> converse(peer, handler));
                } catch (IOException e) {
                    return;
                }
            }
        });
        return listener;
    }

    /**
     * Asks the supervisor behind {@code socket} and waits for the result.
     *
     * @throws Refusal the supervisor's own, or one that says that no lab runs here
     */
    public static JsonNode ask(Path socket, ObjectNode request, Consumer<String> progress) {
        try (SocketChannel channel = open(socket)) {
            PrintWriter out = writer(channel);
            out.println(request);
            BufferedReader in = reader(channel);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode answer = JSON.readTree(line);
                if (answer.has("progress")) {
                    progress.accept(answer.path("progress").asText());
                } else if (answer.has("error")) {
                    throw new Refusal(answer.path("error").asText());
                } else {
                    return answer.path("result");
                }
            }
            throw new Refusal("the lab ended before it answered; see " + socket.resolveSibling("supervisor.log"));
        } catch (IOException e) {
            throw new Refusal("the lab's supervisor went away: " + e.getMessage());
        }
    }

    /** A connection that the supervisor keeps watching: when it closes, the lab ends. */
    public static SocketChannel hold(Path socket) {
        SocketChannel channel = open(socket);
        writer(channel).println(request("hold"));
        return channel;
    }

    /** True when a supervisor listens. */
    public static boolean alive(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    public static ObjectNode request(String op) {
        return JSON.createObjectNode().put("op", op);
    }

    private static SocketChannel open(Path socket) {
        try {
            return SocketChannel.open(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            throw new Refusal("no lab runs in " + socket.getParent() + "; start one with lab up");
        }
    }

    private static void converse(SocketChannel channel, Handler handler) {
        try (channel) {
            BufferedReader in = reader(channel);
            PrintWriter out = writer(channel);
            String line = in.readLine();
            if (line == null) {
                return;
            }
            ObjectNode answer = JSON.createObjectNode();
            try {
                JsonNode result = handler.handle(parse(line), text -> say(out, text), in);
                answer.set("result", result);
            } catch (KubernetesClientException e) {
                // Code 0: no answer at all, of which the client tells only what it was doing.
                answer.put(
                        "error",
                        e.getCode() == 0
                                ? "the Kubernetes API does not answer; lab status shows component api, lab start api starts it"
                                : firstLine(e));
            } catch (Refusal | IllegalArgumentException e) {
                answer.put("error", firstLine(e));
            } catch (Exception e) {
                // The loop top: a bug in one request must not end the lab; its trace goes to supervisor.log.
                e.printStackTrace();
                answer.put("error", "the lab has a bug, its trace is in supervisor.log: " + e);
            }
            out.println(answer);
        } catch (IOException e) {
            // The command went away.
        }
    }

    private static ObjectNode parse(String line) {
        try {
            if (line.length() <= LIMIT && JSON.readTree(line) instanceof ObjectNode request) {
                return request;
            }
        } catch (JsonProcessingException e) {
            throw new Refusal("a request must be one JSON object in one line: " + e.getOriginalMessage());
        }
        throw new Refusal("a request must be one JSON object in one line of at most " + LIMIT + " characters");
    }

    private static void say(PrintWriter out, String text) {
        out.println(JSON.createObjectNode().put("progress", text));
    }

    private static String firstLine(Exception e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        return message.lines().findFirst().orElse(message);
    }

    private static BufferedReader reader(SocketChannel channel) {
        return new BufferedReader(new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8));
    }

    private static PrintWriter writer(SocketChannel channel) {
        return new PrintWriter(Channels.newOutputStream(channel), true, StandardCharsets.UTF_8);
    }
}
