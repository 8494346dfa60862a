package io.terway.lab.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.terway.lab.Refusal;
import io.terway.lab.Shell;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One end of the byte relay between the lab's namespaces and an API server outside (rule 28). Outside, a process
 * listens on a unix socket, which no network namespace confines, and connects to the server; inside, the supervisor
 * listens where the embedded API would. Bytes pass untouched, so TLS and credentials stay end to end.
 */
public final class ApiRelay implements AutoCloseable {
    /** Every API server certificate that kubeadm, k3s or ACK make carries this name. */
    private static final String CERTIFIED_NAME = "kubernetes.default.svc";

    private final ServerSocketChannel listener;
    private final String server;

    private interface Dial {
        SocketChannel connect() throws IOException;
    }

    private ApiRelay(ServerSocketChannel listener, String server, Dial dial) {
        this.listener = listener;
        this.server = server;
        Thread.ofVirtual().start(() -> accept(listener, dial));
    }

    /** The end in the lab; writes a kubeconfig that leads here. */
    static ApiRelay inside(Path kubeconfig, Layout layout) {
        try {
            ObjectNode config = (ObjectNode) new YAMLMapper().readTree(Files.readString(kubeconfig));
            URI server = server(kubeconfig, config);
            rewrite(config, server);
            nameIt(name(server), layout);
            new YAMLMapper().writeValue(layout.kubeconfig().toFile(), config);
            ServerSocketChannel listener = ServerSocketChannel.open()
                    .bind(new InetSocketAddress(Addresses.SERVICES.toString(), Addresses.API_PORT));
            UnixDomainSocketAddress outside = UnixDomainSocketAddress.of(socket(layout));
            return new ApiRelay(listener, server.toString(), () -> SocketChannel.open(outside));
        } catch (IOException | ClassCastException e) {
            throw new Refusal("--kubeconfig " + kubeconfig + ": " + e.getMessage());
        }
    }

    /** The end outside; it serves until closed. */
    public static ApiRelay outside(Path kubeconfig, Layout layout) {
        try {
            URI server = server(kubeconfig, new YAMLMapper().readTree(Files.readString(kubeconfig)));
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                    .bind(UnixDomainSocketAddress.of(socket(layout)));
            InetSocketAddress address = new InetSocketAddress(server.getHost(), port(server));
            return new ApiRelay(listener, server.toString(), () -> SocketChannel.open(address));
        } catch (IOException e) {
            throw new Refusal("--kubeconfig " + kubeconfig + ": " + e.getMessage());
        }
    }

    /** The API server's URL as the outside kubeconfig has it. */
    public String server() {
        return server;
    }

    static URI server(Path kubeconfig, JsonNode config) {
        String current = config.path("current-context").asText();
        String cluster = named(config.path("contexts"), current)
                .path("context")
                .path("cluster")
                .asText();
        String url = named(config.path("clusters"), cluster)
                .path("cluster")
                .path("server")
                .asText();
        if (url.isEmpty()) {
            throw new Refusal(
                    "--kubeconfig " + kubeconfig + " names no server for its current context '" + current + "'");
        }
        return URI.create(url);
    }

    private static JsonNode named(JsonNode list, String name) {
        for (JsonNode entry : list) {
            if (entry.path("name").asText().equals(name)) {
                return entry;
            }
        }
        return MissingNode.getInstance();
    }

    /** Every cluster entry of the file that has this server now leads to the relay. */
    private static void rewrite(ObjectNode config, URI server) {
        for (JsonNode entry : config.path("clusters")) {
            ObjectNode cluster = (ObjectNode) entry.path("cluster");
            if (!cluster.path("server").asText().equals(server.toString())) {
                continue;
            }
            String path = server.getRawPath() == null ? "" : server.getRawPath();
            cluster.put("server", server.getScheme() + "://" + name(server) + ":" + Addresses.API_PORT + path);
        }
    }

    /** With TLS a name that the server's certificate carries; {@link #nameIt} makes it resolve. */
    private static String name(URI server) {
        if (!server.getScheme().equals("https")) {
            return Addresses.SERVICES.toString();
        }
        return server.getHost().matches(".*[a-zA-Z].*") ? server.getHost() : CERTIFIED_NAME;
    }

    /** In the lab's mount namespace only. */
    private static void nameIt(String name, Layout layout) throws IOException {
        Path hosts = layout.state().resolve("hosts");
        Files.writeString(
                hosts, Files.readString(Path.of("/etc/hosts")) + "\n" + Addresses.SERVICES + " " + name + "\n");
        Shell.need(List.of("mount", "--bind", hosts.toString(), "/etc/hosts"), "");
    }

    private static int port(URI server) {
        return server.getPort() >= 0 ? server.getPort() : server.getScheme().equals("https") ? 443 : 80;
    }

    private static Path socket(Layout layout) {
        return layout.state().resolve("api-relay.sock");
    }

    private static void accept(ServerSocketChannel listener, Dial dial) {
        while (listener.isOpen()) {
            try {
                SocketChannel near = listener.accept();
                Thread.ofVirtual().start(() -> join(near, dial));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void join(SocketChannel near, Dial dial) {
        try (near;
                SocketChannel far = dial.connect()) {
            Thread back = Thread.ofVirtual().start(() -> copy(far, near));
            copy(near, far);
            back.join();
        } catch (IOException e) {
            // The client sees a closed connection, as it would without a relay.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        try {
            Channels.newInputStream(from).transferTo(Channels.newOutputStream(to));
            to.shutdownOutput();
        } catch (IOException e) {
            // One side is gone: closing the other is join's business.
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            // It is closed as far as anyone can tell.
        }
    }
}
