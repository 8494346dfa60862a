package io.terway.agent.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.VSwitchId;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.Reach;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NetworkMode;
import io.terway.node.ledger.NetworkOptions;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.OfferedEni;
import io.terway.node.ledger.PodLife;
import io.terway.node.ledger.VirtualType;
import io.terway.node.ledger.VlanStrip;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a configuration means for a pod's links and routes. */
class AttachmentsTest {

    private static final Ip POD = Ip.parse("10.0.64.7");
    private static final OfferedEni ENI = new OfferedEni(
            new EniId("eni-1"),
            new Mac(1),
            new VSwitchId("vsw-h"),
            List.of(Cidr.parse("10.0.64.0/20")),
            List.of(Ip.parse("10.0.64.250")),
            false);
    private static final Binding BINDING = new Binding(
            new SandboxKey("terway", "c0ffee", "eth0"),
            new PodLife(new PodRef("default", "web"), "uid"),
            Path.of("/run/netns/x"),
            List.of(new HeldAddress(POD, ENI.id())),
            false,
            new BootTime("boot", Duration.ofSeconds(1)),
            1);

    /** @param mtu 0 for auto_mtu */
    private static PodAttachment attachment(int mtu, int uplink, int largest) {
        NodeConfig config = new NodeConfig(
                1,
                NetworkMode.ENIIP,
                VirtualType.VETH,
                List.of(Family.IPV4),
                List.of(Cidr.parse("172.16.0.0/16")),
                List.of(Cidr.parse("10.9.0.0/16")),
                mtu,
                Duration.ofSeconds(30),
                false,
                new NetworkOptions(
                        0,
                        List.of(),
                        VlanStrip.FILTER,
                        true,
                        true,
                        List.of(Cidr.parse("192.168.0.0/16")),
                        List.of(Cidr.parse("203.0.113.0/24")),
                        false,
                        false,
                        mtu == 0,
                        false,
                        false,
                        List.of(Cidr.parse("10.0.0.0/8"))));
        LedgerState state = LedgerState.restore(
                1,
                List.of(
                        new LedgerEntry.Created("ledger-1"),
                        new LedgerEntry.Configured(config),
                        new LedgerEntry.Offered(
                                List.of(ENI), List.of(new OfferedAddress(POD, ENI.id(), Cidr.single(POD), 1))),
                        new LedgerEntry.Bound(BINDING)));
        return Attachments.of(state, BINDING, new Links(uplink, largest)).orElseThrow();
    }

    /** A node whose links have these MTUs. */
    private static final class Links extends ForwardingDatapath {
        private final int uplink;
        private final int largest;

        Links(int uplink, int largest) {
            super(null);
            this.uplink = uplink;
            this.largest = largest;
        }

        @Override
        public Connection supported(Connection wanted) {
            return wanted;
        }

        @Override
        public int uplinkMtu() {
            return uplink;
        }

        @Override
        public int largestMtu(Connection connection) {
            return largest;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1450, 8500, 65535, 1450", // fixed
        "8500, 1500, 65535, 8500",
        "8500, 8500, 1500, 1500", // as far as the ENI can
        "0, 8500, 65535, 8500", // auto
        "0, 8500, 1500, 1500",
        "0, 1400, 65535, 1400",
        "0, 0, 65535, 1500", // the node's own link is not known (yet)
        "0, 8500, 0, 8500" // nor is the ENI's
    })
    void thePodsMtuIsTheConfiguredOneOrTheNodesAsFarAsItsEniCan(int mtu, int uplink, int largest, int expected) {
        assertEquals(expected, attachment(mtu, uplink, largest).mtu());
    }

    /** Only there packets get the node's address. */
    @Test
    void whatLeavesWithTheNodesAddressIsReachedThroughTheHost() {
        assertEquals(
                new Reach(
                        List.of(Cidr.parse("172.16.0.0/16"), Cidr.parse("10.9.0.0/16"), Cidr.parse("203.0.113.0/24")),
                        List.of(Cidr.parse("192.168.0.0/16")),
                        List.of(Cidr.parse("10.0.0.0/8"))),
                attachment(1500, 0, 0).reach());
    }
}
