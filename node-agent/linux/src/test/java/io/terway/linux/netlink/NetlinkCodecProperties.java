package io.terway.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NetlinkCodecProperties {

    private static final int CASES = 2000;

    private final Random random = new Random(4711);

    @Test
    void decodingARouteUndoesEncoding() {
        for (int i = 0; i < CASES; i++) {
            Route route = route();

            assertEquals(route, Route.decode(buffer(route.replace())));
        }
    }

    @Test
    void decodingARuleUndoesEncoding() {
        for (int i = 0; i < CASES; i++) {
            Family family = family();
            Rule rule = Rule.lookup(family, random.nextInt(32766), 1 + random.nextInt(5000))
                    .from(cidr(family))
                    .to(cidr(family))
                    .iif(random.nextBoolean() ? "eth" + random.nextInt(9) : "")
                    .protocol(random.nextInt(256));

            assertEquals(rule, Rule.decode(buffer(rule.add())));
        }
    }

    @Test
    void decodingANeighbourUndoesEncoding() {
        for (int i = 0; i < CASES; i++) {
            Neighbour neighbour = Neighbour.permanent(
                    1 + random.nextInt(999), cidr(family()).network(), new Mac(random.nextLong() >>> 16 | 1));

            assertEquals(neighbour, Neighbour.decode(buffer(neighbour.replace())));
        }
    }

    @Test
    void decodingAnAddressUndoesEncoding() {
        for (int i = 0; i < CASES; i++) {
            Cidr cidr = cidr(family());
            Address address = Address.of(1 + random.nextInt(999), cidr.network(), cidr.prefixLength());

            assertTrue(Address.decode(buffer(address.add())).sameAs(address));
        }
    }

    @Test
    void anyBytesAreSplitWithoutFailure() {
        for (int i = 0; i < CASES; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            if (noise.length > 3) {
                noise[1] = 0;
                noise[2] = 0;
                noise[3] = 0;
            }

            for (NlMessage message : NlMessage.split(noise, noise.length)) {
                assertTrue(message.body().limit() <= noise.length - NlMessage.HEADER);
                Attributes.of(message.reader()).string(3);
            }
        }
    }

    private Route route() {
        Family family = family();
        Route route = Route.to(cidr(family), 1 + random.nextInt(999))
                .table(1 + random.nextInt(5000))
                .protocol(random.nextInt(256))
                .metric(random.nextInt(3));
        if (random.nextBoolean()) {
            route = route.viaOnlink(cidr(family).network());
        }
        if (random.nextBoolean()) {
            route = route.source(cidr(family).network());
        }
        return random.nextBoolean() ? route.advmss(500 + random.nextInt(1000)) : route;
    }

    private Family family() {
        return random.nextBoolean() ? Family.IPV4 : Family.IPV6;
    }

    private Cidr cidr(Family family) {
        byte[] bytes = new byte[family.bits() / 8];
        random.nextBytes(bytes);
        return Cidr.containing(Ip.of(bytes), random.nextInt(family.bits() + 1));
    }

    private static ByteBuffer buffer(Request request) {
        return ByteBuffer.wrap(request.body()).order(ByteOrder.nativeOrder());
    }
}
