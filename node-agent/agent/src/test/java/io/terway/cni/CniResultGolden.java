package io.terway.cni;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.terway.net.Ip;
import io.terway.net.Mac;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The bytes a runtime reads. */
class CniResultGolden {

    private static final CniResult DUAL = new CniResult(
            "cali0123456789a",
            Mac.parse("ee:00:00:00:00:01"),
            "eth0",
            Mac.parse("ee:00:00:00:00:02"),
            Path.of("/run/netns/a"),
            List.of(Ip.parse("10.0.64.3"), Ip.parse("2001:db8::3")),
            List.of(Ip.parse("169.254.1.1"), Ip.parse("fe80::1")),
            1500);

    private static String rendered(String version) {
        String config =
                "{\"cniVersion\":\"" + version + "\",\"name\":\"terway\",\"dns\":{\"nameservers\":[\"10.0.0.2\"]}}";
        return new String(DUAL.render(NetConf.parse(config.getBytes(StandardCharsets.UTF_8))), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.3.0", "0.3.1", "0.4.0"})
    void olderVersionsSayTheFamily(String version) {
        assertEquals(
                "{\"cniVersion\":\"" + version + "\",\"interfaces\":["
                        + "{\"name\":\"cali0123456789a\",\"mac\":\"ee:00:00:00:00:01\"},"
                        + "{\"name\":\"eth0\",\"mac\":\"ee:00:00:00:00:02\",\"sandbox\":\"/run/netns/a\"}],"
                        + "\"ips\":[{\"version\":\"4\",\"interface\":1,\"address\":\"10.0.64.3/32\",\"gateway\":\"169.254.1.1\"},"
                        + "{\"version\":\"6\",\"interface\":1,\"address\":\"2001:db8::3/128\",\"gateway\":\"fe80::1\"}],"
                        + "\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":\"169.254.1.1\"},{\"dst\":\"::/0\",\"gw\":\"fe80::1\"}],"
                        + "\"dns\":{\"nameservers\":[\"10.0.0.2\"]}}",
                rendered(version));
    }

    /** The specification: a plugin outputs the result before it, with what it adds. */
    @Test
    void whatAPluginBeforeUsMadeStaysAndIsCountedFirst() {
        String before = "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"net1\",\"sandbox\":\"/run/netns/a\"}],"
                + "\"ips\":[{\"interface\":0,\"address\":\"192.0.2.7/24\"}],\"dns\":{\"nameservers\":[\"192.0.2.1\"]}}";
        String config = "{\"cniVersion\":\"1.0.0\",\"name\":\"terway\",\"prevResult\":" + before + "}";

        String result =
                new String(DUAL.render(NetConf.parse(config.getBytes(StandardCharsets.UTF_8))), StandardCharsets.UTF_8);

        assertEquals(
                "{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"net1\",\"sandbox\":\"/run/netns/a\"},"
                        + "{\"name\":\"cali0123456789a\",\"mac\":\"ee:00:00:00:00:01\"},"
                        + "{\"name\":\"eth0\",\"mac\":\"ee:00:00:00:00:02\",\"sandbox\":\"/run/netns/a\"}],"
                        + "\"ips\":[{\"interface\":0,\"address\":\"192.0.2.7/24\"},"
                        + "{\"interface\":2,\"address\":\"10.0.64.3/32\",\"gateway\":\"169.254.1.1\"},"
                        + "{\"interface\":2,\"address\":\"2001:db8::3/128\",\"gateway\":\"fe80::1\"}],"
                        + "\"dns\":{\"nameservers\":[\"192.0.2.1\"]},"
                        + "\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":\"169.254.1.1\"},{\"dst\":\"::/0\",\"gw\":\"fe80::1\"}]}",
                result);
    }

    @Test
    void version100LeavesTheFamilyOut() {
        assertEquals(
                "{\"cniVersion\":\"1.0.0\",\"interfaces\":["
                        + "{\"name\":\"cali0123456789a\",\"mac\":\"ee:00:00:00:00:01\"},"
                        + "{\"name\":\"eth0\",\"mac\":\"ee:00:00:00:00:02\",\"sandbox\":\"/run/netns/a\"}],"
                        + "\"ips\":[{\"interface\":1,\"address\":\"10.0.64.3/32\",\"gateway\":\"169.254.1.1\"},"
                        + "{\"interface\":1,\"address\":\"2001:db8::3/128\",\"gateway\":\"fe80::1\"}],"
                        + "\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":\"169.254.1.1\"},{\"dst\":\"::/0\",\"gw\":\"fe80::1\"}],"
                        + "\"dns\":{\"nameservers\":[\"10.0.0.2\"]}}",
                rendered("1.0.0"));
    }

    @Test
    void version110AddsTheMtu() {
        assertEquals(
                rendered("1.0.0")
                        .replace("\"1.0.0\"", "\"1.1.0\"")
                        .replace("01\"}", "01\",\"mtu\":1500}")
                        .replace("02\",\"sandbox\"", "02\",\"mtu\":1500,\"sandbox\""),
                rendered("1.1.0"));
    }

    @Test
    void errorsCarryCodeAndMessage() {
        CniReply reply = CniReply.of(new CniFailure(CniCode.TRY_LATER, "no address"));
        assertEquals(1, reply.exitCode());
        assertEquals(
                "{\"cniVersion\":\"1.0.0\",\"code\":11,\"msg\":\"no address\"}",
                new String(reply.output(), StandardCharsets.UTF_8));
    }

    @Test
    void aPodWithoutALinkToTheHostHasOneInterface() {
        CniResult alone = new CniResult(
                "",
                DUAL.hostMac(),
                DUAL.podLink(),
                DUAL.podMac(),
                DUAL.netns(),
                List.of(Ip.parse("10.0.64.3")),
                List.of(Ip.parse("10.0.79.253")),
                1500);

        String text = new String(
                alone.render(NetConf.parse(
                        "{\"cniVersion\":\"1.0.0\",\"name\":\"terway\"}".getBytes(StandardCharsets.UTF_8))),
                StandardCharsets.UTF_8);

        assertEquals(
                "{\"cniVersion\":\"1.0.0\",\"interfaces\":["
                        + "{\"name\":\"eth0\",\"mac\":\"ee:00:00:00:00:02\",\"sandbox\":\"/run/netns/a\"}],"
                        + "\"ips\":[{\"interface\":0,\"address\":\"10.0.64.3/32\",\"gateway\":\"10.0.79.253\"}],"
                        + "\"routes\":[{\"dst\":\"0.0.0.0/0\",\"gw\":\"10.0.79.253\"}],\"dns\":{}}",
                text);
    }
}
