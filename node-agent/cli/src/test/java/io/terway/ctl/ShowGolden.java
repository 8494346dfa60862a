package io.terway.ctl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.wire.agent.v1.Node;
import io.terway.wire.agent.v1.NodeAddress;
import io.terway.wire.agent.v1.NodeEni;
import io.terway.wire.agent.v1.PoolSummary;
import io.terway.wire.net.v1.Eni;
import io.terway.wire.net.v1.Pod;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What people and scripts read (guide, lines 985-1000 and 2368-2382). */
class ShowGolden {

    private static NodeAddress address(String ip, NodeAddress.State state, String pod) {
        NodeAddress.Builder address = NodeAddress.newBuilder().setAddress(ip).setState(state);
        if (!pod.isEmpty()) {
            address.setPod(Pod.newBuilder().setNamespace("default").setName(pod).setUid("uid-" + pod));
        }
        return address.build();
    }

    static Node node() {
        return Node.newBuilder()
                .setName("cn-hangzhou.10.0.1.10")
                .setInstanceId("i-bp1")
                .setNetworkMode("ENIIP")
                .setVirtualType("Veth")
                .setIpam("connected to 100.100.0.10:7601, term 1")
                .setPolicy("not connected")
                .setAcceleration("on, 3 connections skip the host's stack")
                .addNodeAddresses("10.0.1.10")
                .setPool(PoolSummary.newBuilder()
                        .setTotal(30)
                        .setAllocated(25)
                        .setAvailable(5)
                        .setCooling(1))
                .addEnis(NodeEni.newBuilder()
                        .setEni(Eni.newBuilder()
                                .setId("eni-bp1xxx")
                                .setMac("00:16:3e:00:00:01")
                                .setVSwitchId("vsw-1")
                                .addSubnets("10.0.64.0/20")
                                .setPrimaryAddress("10.0.64.10"))
                        .setLink("eth1")
                        .addAddresses(address("10.0.64.10", NodeAddress.State.AVAILABLE, ""))
                        .addAddresses(address("10.0.64.100", NodeAddress.State.ALLOCATED, "pod-a"))
                        .addAddresses(address("10.0.64.101", NodeAddress.State.COOLING, "pod-b").toBuilder()
                                .setCoolingMs(12_300))
                        .addAddresses(address("10.0.64.102", NodeAddress.State.WITHDRAWN, "")))
                .addEnis(NodeEni.newBuilder()
                        .setEni(Eni.newBuilder().setId("eni-bp2xxx").setPrimaryAddress("10.0.64.20")))
                .build();
    }

    private static String golden(String name) throws IOException {
        try (InputStream in = ShowGolden.class.getResourceAsStream(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void printsTheGuidesTwoForms() throws IOException {
        assertEquals(golden("show.txt"), NodeText.of(node()));
    }

    @Test
    void printsJsonForPrograms() throws IOException {
        assertEquals(golden("show.json"), NodeJson.of(node()));
    }

    @Test
    void utilizationRoundsDown() {
        assertEquals(
                83,
                NodeText.utilization(
                        PoolSummary.newBuilder().setTotal(30).setAllocated(25).build()));
        assertEquals(0, NodeText.utilization(PoolSummary.getDefaultInstance()));
    }
}
