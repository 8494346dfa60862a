package io.terway.agent.policy;

import static io.terway.agent.policy.PolicedNode.require;

import io.terway.agent.apply.OneNode;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.PodAttachment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Packets to and from one pod, on a guest whose clock says little: what must not arrive is compared with what does. */
final class GuestTraffic {

    private static final int UDP_PORT = 4000;
    private static final byte FORGED = 'f';
    private static final byte HONEST = 'h';

    private final OneNode node;
    private final PodAttachment pod;

    GuestTraffic(OneNode node, PodAttachment pod) {
        this.node = node;
        this.pod = pod;
    }

    /** Nobody need listen: a reset, too, comes only from where the packet went. */
    void passes(Path from, Ip to, int port) {
        try (SocketChannel channel = begin(from, to, port)) {
            require(PacketLab.await(() -> isAnswered(channel)), from + " does not reach " + to + " port " + port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Two rounds from the node to the pod later it has no answer. */
    void denied(Path from, Ip to, int port) {
        try (SocketChannel channel = begin(from, to, port)) {
            passes(node.host, pod.addresses().getFirst(), port);
            passes(node.host, pod.addresses().getLast(), port);
            require(!isAnswered(channel), from + " reaches " + to + " port " + port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SocketChannel begin(Path from, Ip to, int port) {
        return NetnsThread.call(from, () -> {
            try {
                SocketChannel channel = SocketChannel.open(family(to));
                channel.configureBlocking(false);
                channel.connect(PacketLab.socket(to, port));
                return channel;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static boolean isAnswered(SocketChannel channel) {
        try {
            return channel.finishConnect();
        } catch (IOException refused) {
            return true;
        }
    }

    /** An open connection. */
    record Talk(ServerSocketChannel listener, SocketChannel client, SocketChannel server) implements AutoCloseable {

        boolean isHeard() throws IOException {
            client.write(ByteBuffer.wrap(new byte[] {1}));
            return PacketLab.await(this::hasArrived);
        }

        private boolean hasArrived() {
            try {
                return server.read(ByteBuffer.allocate(16)) > 0;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Connections are ended behind the change, so what is written may arrive for a while. */
        boolean endsWithin(Runnable round) {
            return PacketLab.await(() -> {
                try {
                    client.write(ByteBuffer.wrap(new byte[] {2}));
                } catch (IOException e) {
                    return true;
                }
                round.run();
                return !hasArrived();
            });
        }

        @Override
        public void close() throws IOException {
            client.close();
            server.close();
            listener.close();
        }
    }

    Talk talk(Path from, Ip to, int port) throws IOException {
        ServerSocketChannel listener = NetnsThread.call(pod.netns(), () -> {
            try {
                return ServerSocketChannel.open(family(to)).bind(PacketLab.socket(to, port));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        SocketChannel client = begin(from, to, port);
        require(PacketLab.await(() -> isAnswered(client)), from + " does not reach " + to);
        SocketChannel server = listener.accept();
        server.configureBlocking(false);
        return new Talk(listener, client, server);
    }

    /** GET /api/v1/.* on 8080 is accepted, in IPv4 from the VPC and in IPv6 to it. */
    void requestsAreJudged() {
        Ip own = pod.addresses().getFirst();
        Ip gateway = OneNode.V6.vSwitchGateway();
        try (WebServer inside = new WebServer(pod.netns(), HttpPolicies.PORT);
                WebServer outside = new WebServer(node.vpc, HttpPolicies.PORT)) {
            String in = "http://" + own + ":8080";
            String out = "http://[" + gateway + "]:8080";
            String read = curl(node.vpc, in + "/api/v1/items");
            // The VPC asks by the link that leads to the pod: its ENI's or, in VPC mode, the node's.
            boolean kept = Stream.of(OneNode.V4, Cidr.containing(OneNode.NODE_V4, 24))
                    .anyMatch(link -> read.contains("from " + link.vSwitchGateway() + " "));
            require(kept, read);
            String refused = curl(node.vpc, in + "/admin");
            require(refused.startsWith("HTTP/1.1 403") && refused.contains("x-terway-policy: denied ingress"), refused);
            require(inside.asked.equals(List.of("GET /api/v1/items")), inside.asked);
            String asked = curl(pod.netns(), out + "/api/v1/items");
            require(
                    asked.contains("from "
                            + PacketLab.socket(pod.addresses().getLast(), 1)
                                    .getAddress()
                                    .getHostAddress()),
                    asked);
            String notAsked = curl(pod.netns(), out + "/admin");
            require(notAsked.contains("x-terway-policy: denied egress"), notAsked);
            require(outside.asked.equals(List.of("GET /api/v1/items")), outside.asked);
        }
    }

    private static String curl(Path netns, String url) {
        return Lab.output(netns, "curl", "-sSi", "-m", "60", url);
    }

    /** The pod may send anything to anybody, in its own name: nothing else arrives. */
    void nothingIsForged() {
        forge(Set.of(HONEST));
    }

    /** As {@link #nothingIsForged}, where nobody looks. */
    void everythingIsForged() {
        forge(Set.of(FORGED, HONEST));
    }

    private void forge(Set<Byte> arriving) {
        String mac = PacketLab.script(node.vpc, "ip -br link show port").split("\\s+")[2];
        for (int family = 0; family < 2; family++) {
            Ip own = pod.addresses().get(family);
            Ip to = OneNode.ENI.gateway(own.family()).orElseThrow();
            Ip claimed = (family == 0 ? OneNode.V4 : OneNode.V6).network().plus(99);
            try (DatagramChannel receiver = receiver(to)) {
                new ForgedPacket(claimed, to, UDP_PORT, FORGED).sendFrom(pod.netns());
                new ForgedPacket(claimed, to, UDP_PORT, FORGED).sendAsFrame(pod.netns(), mac, family == 0);
                new ForgedPacket(own, to, UDP_PORT, FORGED).sendAsFrame(pod.netns(), mac, false);
                new ForgedPacket(own, to, UDP_PORT, HONEST).sendFrom(pod.netns());

                Set<Byte> heard = heardUntilHonest(receiver);
                require(heard.equals(arriving), to + " hears " + heard);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private DatagramChannel receiver(Ip ip) {
        return NetnsThread.call(node.vpc, () -> {
            try {
                DatagramChannel channel = DatagramChannel.open(family(ip));
                channel.bind(new InetSocketAddress(UDP_PORT)).configureBlocking(false);
                return channel;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static Set<Byte> heardUntilHonest(DatagramChannel receiver) {
        Set<Byte> heard = new HashSet<>();
        ByteBuffer in = ByteBuffer.allocate(16);
        PacketLab.await(() -> {
            try {
                while (receiver.receive(in.clear()) != null) {
                    heard.add(in.get(0));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return heard.contains(HONEST);
        });
        return heard;
    }

    private static StandardProtocolFamily family(Ip ip) {
        return ip.family() == Family.IPV4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    }
}
