package io.terway.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsFd;
import io.terway.linux.netns.NetnsThread;
import io.terway.linux.sysctl.Sysctl;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Everything is asked for through netlink and seen through {@code ip}, which shares no code with us. */
class RouteSocketPrivilegedIT {

    private static final int OURS = 77;

    private final Lab lab = Lab.open();
    private final Path host = lab.netns("host");
    private final Path pod = lab.netns("pod");
    private RouteSocket socket;
    private Link link;

    @BeforeEach
    void connectTheNamespaces() {
        socket = RouteSocket.open(host);
        try (NetnsFd fd = NetnsFd.open(pod)) {
            link = socket.create(Links.veth(
                    LinkEnd.named("h0").mac(Mac.parse("02:00:00:00:00:01")).mtu(1450),
                    LinkEnd.named("eth0")
                            .in(fd.number())
                            .mac(Mac.parse("02:00:00:00:00:02"))
                            .mtu(1450)));
        }
        socket.execute(LinkChange.of(link.index()).up().request());
    }

    @AfterEach
    void leaveNothing() {
        socket.close();
        lab.close();
    }

    @Test
    void vethPeerIsMadeDirectlyInTheOtherNamespace() {
        String seen = Lab.output(pod, "ip", "-o", "link", "show", "eth0");

        assertTrue(seen.contains("mtu 1450") && seen.contains("02:00:00:00:00:02"), seen);
    }

    @Test
    void linkChangesAreSeenByIp() {
        socket.execute(
                LinkChange.of(link.index()).down().request(),
                LinkChange.of(link.index())
                        .name("dead0")
                        .alias("was h0")
                        .group(4242)
                        .request());

        String seen = Lab.output(host, "ip", "-d", "link", "show", "dead0");
        assertTrue(seen.contains("group 4242") && seen.contains("alias was h0") && !seen.contains(",UP"), seen);
        assertEquals("was h0", socket.link("dead0").orElseThrow().alias());
        assertEquals(Optional.empty(), socket.link("h0"));
    }

    @Test
    void routesRulesAndNeighboursAreSeenByIp() {
        Ip ip = Ip.parse("10.0.64.7");
        socket.execute(
                Address.of(link.index(), Ip.parse("169.254.1.1"), 32).add(),
                Route.to(Cidr.single(ip), link.index()).protocol(OURS).replace(),
                Route.defaultRoute(Family.IPV4, link.index())
                        .viaOnlink(Ip.parse("10.0.0.253"))
                        .table(1002)
                        .protocol(OURS)
                        .advmss(1400)
                        .replace(),
                Rule.lookup(Family.IPV4, 512, Route.MAIN)
                        .to(Cidr.single(ip))
                        .protocol(OURS)
                        .add(),
                Neighbour.permanent(link.index(), ip, Mac.parse("02:00:00:00:00:02"))
                        .replace());

        assertTrue(Lab.output(host, "ip", "addr", "show", "h0").contains("inet 169.254.1.1/32"));
        assertTrue(Lab.output(host, "ip", "route").contains("10.0.64.7 dev h0 proto 77 scope link"));
        String table = Lab.output(host, "ip", "route", "show", "table", "1002");
        assertTrue(table.contains("default via 10.0.0.253 dev h0 proto 77 onlink") && table.contains("advmss 1400"));
        String rules = Lab.output(host, "ip", "rule");
        assertTrue(rules.contains("512:\tfrom all to 10.0.64.7 lookup main proto 77"), rules);
        assertTrue(Lab.output(host, "ip", "neigh").contains("10.0.64.7 dev h0 lladdr 02:00:00:00:00:02 PERMANENT"));
    }

    @Test
    void whatIpMadeIsListedAsIpMadeIt() {
        Lab.output(host, "ip", "-6", "addr", "add", "fd00::1/64", "dev", "h0", "nodad");
        Lab.output(host, "ip", "-6", "route", "add", "fd00:1::/48", "via", "fd00::2", "dev", "h0", "table", "1002");
        Lab.output(host, "ip", "-6", "rule", "add", "from", "fd00::7", "lookup", "1002", "prio", "2048", "proto", "77");

        assertTrue(socket.addresses(link.index()).stream()
                .anyMatch(a -> a.sameAs(Address.of(link.index(), Ip.parse("fd00::1"), 64)) && !a.tentative()));
        Route route = socket.routes(RouteFilter.table(Family.IPV6, 1002)).getFirst();
        assertEquals(Cidr.parse("fd00:1::/48"), route.destination());
        assertEquals(Ip.parse("fd00::2"), route.gateway());
        Rule expected = Rule.lookup(Family.IPV6, 2048, 1002)
                .from(Cidr.parse("fd00::7/128"))
                .protocol(OURS);
        assertTrue(socket.rules(Family.IPV6).contains(expected));
    }

    @Test
    void dumpFiltersSelectTableMakerAndLink() {
        Route ours = Route.to(Cidr.parse("10.1.0.0/16"), link.index()).protocol(OURS);
        socket.execute(
                ours.replace(),
                Route.to(Cidr.parse("10.2.0.0/16"), link.index()).replace());

        List<Route> found =
                socket.routes(RouteFilter.table(Family.IPV4, Route.MAIN).protocol(OURS));

        assertEquals(List.of(ours), found);
        assertEquals(List.of(), socket.routes(RouteFilter.table(Family.IPV4, 4000)));
    }

    @Test
    void moreRequestsThanOneBatchAreAllAnsweredInOrder() {
        int count = 3 * RouteSocket.BATCH + 1;
        List<Request> requests = IntStream.range(0, count)
                .mapToObj(i -> Route.to(Cidr.single(Ip.parse("10.3.0.0").plus(i)), link.index())
                        .add())
                .toList();
        socket.execute(requests.get(count - 1));

        List<Reply> replies = socket.send(requests);

        assertEquals(count, replies.size());
        assertTrue(replies.subList(0, count - 1).stream().allMatch(Reply.Done.class::isInstance));
        assertEquals(Errno.EEXIST, ((Reply.Refused) replies.getLast()).errno());
    }

    @Test
    void aRefusalCarriesTheKernelsWords() {
        Request request = Route.to(Cidr.parse("10.9.0.0/16"), link.index())
                .via(Ip.parse("9.9.9.9"))
                .add();

        KernelRefusal refusal = assertThrows(KernelRefusal.class, () -> socket.execute(request));

        assertTrue(refusal.getMessage().contains("Nexthop has invalid gateway"), refusal.getMessage());
    }

    @Test
    void repeatedAddsAndDeletesAreWelcome() {
        Rule rule = Rule.lookup(Family.IPV6, 512, Route.MAIN).to(Cidr.parse("fd00::7/128"));
        Address address = Address.of(link.index(), Ip.parse("fd00::7"), 128);
        Route route = Route.to(Cidr.parse("fd00::8/128"), link.index());

        socket.execute(rule.add(), rule.add(), rule.delete(), rule.delete());
        socket.execute(address.add(), address.add(), address.delete(), address.delete());
        socket.execute(route.replace(), route.replace(), route.delete(), route.delete());
    }

    @Test
    void aGroupIsDeletedAtOnce() {
        List<Integer> made = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            made.add(socket.create(Links.veth(LinkEnd.named("g" + i).group(9), LinkEnd.named("p" + i)))
                    .index());
        }

        socket.execute(Links.deleteGroup(9), Links.deleteGroup(9), Links.delete(made.getFirst()));

        assertTrue(made.stream().allMatch(i -> socket.link(i).isEmpty()));
        assertTrue(socket.link(link.index()).isPresent());
    }

    @ParameterizedTest
    @CsvSource({
        "ipv4,forwarding",
        "ipv4,proxy_arp",
        "ipv4,send_redirects",
        "ipv4,rp_filter",
        "ipv6,forwarding",
        "ipv6,accept_ra",
        "ipv6,proxy_ndp",
        "ipv6,disable_ipv6",
        "ipv6,accept_dad"
    })
    void aLinkTellsItsSysctlsAsProcDoes(String family, String name) {
        String key = "net/" + family + "/conf/h0/" + name;
        for (String value : List.of("1", "0")) {
            NetnsThread.run(host, () -> Sysctl.write(key, value));

            LinkConfig config = socket.link("h0").orElseThrow().config();

            assertEquals(
                    OptionalInt.of(Integer.parseInt(value)),
                    config.value(family.equals("ipv4") ? Family.IPV4 : Family.IPV6, name));
        }
    }

    @Test
    void aMonitorSeesAForeignChange() {
        try (RouteMonitor monitor = RouteMonitor.openAll(host)) {
            Lab.output(host, "ip", "rule", "add", "from", "10.9.9.9", "lookup", "1002", "prio", "2048", "proto", "77");

            List<RouteEvent> events = new ArrayList<>();
            for (int i = 0; i < 50 && events.stream().noneMatch(RouteEvent.RuleChanged.class::isInstance); i++) {
                events.addAll(monitor.poll(Duration.ofMillis(100)));
            }
            Rule seen = Rule.lookup(Family.IPV4, 2048, 1002)
                    .from(Cidr.parse("10.9.9.9/32"))
                    .protocol(OURS);
            assertTrue(events.contains(new RouteEvent.RuleChanged(seen)), events.toString());
        }
    }
}
