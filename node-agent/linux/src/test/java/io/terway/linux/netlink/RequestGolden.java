package io.terway.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Message bodies laid out by hand from linux/rtnetlink.h, little endian. */
class RequestGolden {

    static Stream<Arguments> requests() {
        Mac mac = Mac.parse("02:00:00:00:00:07");
        return Stream.of(
                Arguments.of(
                        Address.of(7, Ip.parse("10.0.64.7"), 32).add(),
                        "02 20 80 00 07000000  0800 0200 0a004007  0800 0100 0a004007  0800 0800 80000000"),
                Arguments.of(
                        Address.of(7, Ip.parse("fd00::7"), 128).add(),
                        "0a 80 82 00 07000000"
                                + " 1400 0200 fd000000000000000000000000000007"
                                + " 1400 0100 fd000000000000000000000000000007"
                                + " 0800 0800 82000000"),
                Arguments.of(
                        Route.to(Cidr.parse("10.0.64.7/32"), 7).protocol(77).replace(),
                        "02 20 00 00 fe 4d fd 01 00000000  0800 0100 0a004007  0800 0400 07000000  0800 0f00 fe000000"),
                Arguments.of(
                        Route.defaultRoute(Family.IPV4, 2)
                                .viaOnlink(Ip.parse("10.0.0.253"))
                                .table(1002)
                                .advmss(1460)
                                .replace(),
                        "02 00 00 00 00 03 00 01 04000000  0800 0500 0a0000fd  0800 0400 02000000"
                                + " 0800 0f00 ea030000  0c00 0880 0800 0800 b4050000"),
                Arguments.of(
                        Rule.lookup(Family.IPV4, 2048, 1002)
                                .from(Cidr.parse("10.0.64.7/32"))
                                .protocol(77)
                                .add(),
                        "02 00 20 00 00 00 00 01 00000000  0800 0600 00080000  0800 0200 0a004007"
                                + " 0800 0f00 ea030000  0500 1500 4d000000"),
                Arguments.of(
                        Neighbour.permanent(7, Ip.parse("169.254.1.1"), mac).replace(),
                        "02 00 0000 07000000 8000 00 00  0800 0100 a9fe0101  0a00 0200 020000000007 0000"),
                Arguments.of(
                        LinkChange.of(7).name("x").group(9).down().request(),
                        "00 00 0000 07000000 00000000 01000000  0600 0300 7800 0000  0800 1b00 09000000"),
                Arguments.of(
                        Queue.bands(7, 1).getFirst(),
                        "00000000 07000000 00005754 ffffffff 00000000  0f00 0100 706669666f5f66617374 00 00"),
                Arguments.of(
                        new IngressRedirect(7, 9).add(),
                        "00000000 07000000 00000000 f2ffffff 0003844e  0800 0100 75333200"
                                + " 6000 0280  2400 0500 01 00 01 00 000000000000000000000000"
                                + " 00000000 00000000 00000000 00000000"
                                + " 3800 0780  3400 0180  0b00 0100 6d697272656400 00"
                                + " 2400 0280  2000 0200 00000000 00000000 04000000 00000000 00000000 01000000 09000000"),
                Arguments.of(
                        Links.veth(LinkEnd.named("a"), LinkEnd.named("b").in(5).mac(mac)),
                        "00 00 0000 00000000 00000000 00000000  0600 0300 6100 0000"
                                + " 4400 1280  0900 0100 7665746800 000000"
                                + " 3400 0280  3000 0180 00 00 0000 00000000 00000000 00000000"
                                + " 0600 0300 6200 0000  0a00 0100 020000000007 0000  0800 1c00 05000000"));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void requestHasTheKernelsLayout(Request request, String golden) {
        assumeTrue(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN, "kernel: the goldens are little endian");

        assertEquals(golden.replace(" ", ""), HexFormat.of().formatHex(request.body()));
    }
}
