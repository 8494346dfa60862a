package io.terway.ipam.grpc;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.terway.wire.ipam.v1.ServerMessage;
import io.terway.wire.net.v1.EniAddress;
import java.util.ArrayList;
import java.util.List;

/** An agent for tests of other parts: it serves pods one after the other. */
public final class OneAgent {

    private OneAgent() {}

    /** Allocates, binds and releases so many times on a node of this name; gives the addresses. */
    public static List<String> bindsAndReleases(String node, int times) throws InterruptedException {
        ManagedChannel channel = NettyChannelBuilder.forAddress("localhost", TestCluster.port())
                .usePlaintext()
                .build();
        try {
            ScriptedAgent agent = new ScriptedAgent(channel, node);
            agent.connect();
            agent.await(ServerMessage::hasWelcome);
            agent.await(message -> !agent.offered.isEmpty());
            List<String> served = new ArrayList<>();
            for (int pod = 0; pod < times; pod++) {
                EniAddress address = agent.allocate("p" + pod).getProposal().getAddresses(0);
                agent.bind("p" + pod, address);
                agent.release("p" + pod, 0);
                served.add(address.getAddress());
            }
            return served;
        } finally {
            channel.shutdownNow();
        }
    }
}
