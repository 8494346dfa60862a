package io.terway.lab.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.Refusal;
import io.terway.lab.Shell;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Real packets between pods, nodes and the outside, for the demo: sockets opened in the namespaces of both ends. A
 * probe also looks at who the receiver thinks is talking: a translated source address is a failure.
 */
final class Probes {
    private static final int LIMIT_MILLIS = 3_000;
    private static final byte[] TOKEN = "terway-lab".getBytes(StandardCharsets.US_ASCII);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Cluster cluster;

    Probes(Cluster cluster) {
        this.cluster = cluster;
    }

    private record End(Path netns, Ip ip) {}

    /**
     * {@code {"kind":"tcp|udp|icmp|http","from":END,"to":END|address,"port","family":"ipv4|ipv6"}}, END being pod/NS/NAME
     * or node/NAME; without a family their first addresses talk.
     */
    JsonNode run(ObjectNode request) {
        String kind = request.path("kind").asText();
        Optional<Family> family = Optional.of(request.path("family").asText())
                .filter(text -> !text.isEmpty())
                .map(text -> Family.valueOf(text.toUpperCase(Locale.ROOT)));
        End from = end(request.path("from").asText(), family);
        String to = request.path("to").asText();
        ObjectNode answer = JSON.createObjectNode();
        long begun = System.nanoTime();
        try {
            String detail = switch (kind) {
                case "tcp" -> tcp(from, end(to, family));
                case "udp" -> udp(from, end(to, family));
                case "icmp" -> icmp(from, to.contains("/") ? end(to, family).ip() : Ip.parse(to));
                case "http" ->
                    http(
                            from,
                            Ip.parse(to),
                            request.path("port").asInt(80),
                            request.path("path").asText("/"));
                default -> throw new Refusal("no probe '" + kind + "'");
            };
            answer.put("ok", true).put("detail", detail);
        } catch (UncheckedIOException e) {
            answer.put("ok", false).put("detail", e.getCause().getMessage());
        }
        return answer.put("millis", (System.nanoTime() - begun) / 10_000 / 100.0);
    }

    private End end(String text, Optional<Family> family) {
        if (text.startsWith("node/")) {
            LabNode node = cluster.node(new NodeName(text.substring("node/".length())));
            return new End(node.netns(), chosen(node.ips(), family, text));
        }
        PodRef pod = PodRef.parse(text.substring("pod/".length()));
        return cluster.pods().all().stream()
                .filter(running -> running.spec().ref().equals(pod))
                .findFirst()
                .map(running -> new End(cluster.pods().netns(pod), chosen(running.ips(), family, text)))
                .orElseThrow(() -> new Refusal("no pod " + pod));
    }

    private static Ip chosen(List<Ip> ips, Optional<Family> family, String owner) {
        return ips.stream()
                .filter(ip -> family.isEmpty() || ip.family() == family.get())
                .findFirst()
                .orElseThrow(() -> new Refusal(
                        owner + " has no " + family.map(f -> f + " ").orElse("") + "address"));
    }

    private static String tcp(End from, End to) {
        ServerSocket server = NetnsThread.call(to.netns(), () -> listen(to.ip()));
        try (server) {
            Socket client = NetnsThread.call(from.netns(), () -> connect(server.getLocalSocketAddress()));
            try (client;
                    Socket accepted = server.accept()) {
                expectSource(from, accepted.getInetAddress());
                client.getOutputStream().write(TOKEN);
                accepted.getOutputStream().write(accepted.getInputStream().readNBytes(TOKEN.length));
                expectToken(client.getInputStream().readNBytes(TOKEN.length));
            }
            return "source " + from.ip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String udp(End from, End to) {
        try (DatagramSocket server = NetnsThread.call(to.netns(), () -> datagrams(to.ip()));
                DatagramSocket client = NetnsThread.call(from.netns(), () -> datagrams(from.ip()))) {
            client.send(new DatagramPacket(TOKEN, TOKEN.length, server.getLocalSocketAddress()));
            DatagramPacket packet = new DatagramPacket(new byte[TOKEN.length], TOKEN.length);
            server.receive(packet);
            expectSource(from, packet.getAddress());
            server.send(packet);
            DatagramPacket back = new DatagramPacket(new byte[TOKEN.length], TOKEN.length);
            client.receive(back);
            expectToken(back.getData());
            return "source " + from.ip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String icmp(End from, Ip to) {
        Shell.Outcome outcome = Shell.run(
                List.of(
                        "nsenter",
                        "--net=" + from.netns(),
                        "--",
                        "ping",
                        "-n",
                        "-q",
                        "-c",
                        "1",
                        "-W",
                        "3",
                        to.toString()),
                "");
        if (!outcome.ok()) {
            throw new UncheckedIOException(new IOException("no echo from " + to));
        }
        return "echo from " + to;
    }

    /** A plain question; any HTTP answer counts, its status is told. */
    private static String http(End from, Ip to, int port, String path) {
        try (Socket socket =
                NetnsThread.call(from.netns(), () -> connect(new InetSocketAddress(to.toString(), port)))) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.0\r\nHost: " + to + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!answer.startsWith("HTTP/1.")) {
                throw new IOException("no HTTP answer from " + to + ":" + port);
            }
            List<String> lines = answer.lines().toList();
            return lines.getFirst().contains(" 200") ? lines.getLast() : lines.getFirst();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ServerSocket listen(Ip ip) {
        try {
            ServerSocket server = new ServerSocket();
            server.setSoTimeout(LIMIT_MILLIS);
            server.bind(new InetSocketAddress(InetAddress.getByAddress(ip.bytes()), 0));
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Socket connect(SocketAddress to) {
        try {
            Socket socket = new Socket();
            socket.connect(to, LIMIT_MILLIS);
            socket.setSoTimeout(LIMIT_MILLIS);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static DatagramSocket datagrams(Ip ip) {
        try {
            DatagramSocket socket = new DatagramSocket(new InetSocketAddress(InetAddress.getByAddress(ip.bytes()), 0));
            socket.setSoTimeout(LIMIT_MILLIS);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void expectSource(End from, InetAddress seen) throws IOException {
        if (!Ip.of(seen.getAddress()).equals(from.ip())) {
            throw new IOException("the receiver sees " + seen.getHostAddress() + " instead of " + from.ip());
        }
    }

    private static void expectToken(byte[] received) throws IOException {
        if (!Arrays.equals(received, TOKEN)) {
            throw new IOException("the answer is not what was sent");
        }
    }
}
