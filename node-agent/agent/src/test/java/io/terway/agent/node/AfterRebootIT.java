package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.VSwitchId;
import io.terway.node.commit.AfterBoot;
import io.terway.node.commit.Claim;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.OfferedEni;
import io.terway.node.ledger.PodLife;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which address the agent itself gives on a node that was booted, while ipam-service is away (rule 11). */
class AfterRebootIT {

    private static final OfferedEni ENI = new OfferedEni(
            new EniId("eni-a"),
            Mac.parse("00:16:3e:00:00:0a"),
            new VSwitchId("vsw-h"),
            List.of(Cidr.parse("10.0.64.0/20")),
            List.of(),
            new EniRole.Secondary());

    @TempDir
    Path directory;

    private final BootClock clock = BootClock.open();
    private Ledger ledger;

    @BeforeEach
    void offer() {
        ledger = Ledger.open(directory, clock);
        ledger.offer(new LedgerEntry.Offered(List.of(ENI), List.of(address(1), address(2), address(35))));
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    private static OfferedAddress address(int last) {
        Ip ip = Ip.parse("10.0.64." + last);
        return new OfferedAddress(ip, ENI.id(), Cidr.single(ip), 10);
    }

    private Optional<String> chosen(AfterReboot agent) {
        Claim claim = new Claim(
                new SandboxKey("terway", "c1", "eth0"),
                new PodLife(new PodRef("default", "web"), "uid"),
                Path.of("/run/netns/c1"),
                List.of(Family.IPV4),
                clock.now());
        return agent.choose(claim).map(p -> p.addresses().getFirst().toString());
    }

    private AfterReboot booted(AfterReboot.Listing metadata) {
        return booted("boot-2", AfterBoot.COMPARED_WITHIN, metadata);
    }

    private AfterReboot booted(String boot, Duration ago, AfterReboot.Listing metadata) {
        return AfterReboot.open(directory, () -> new BootTime(boot, ago), ledger, metadata);
    }

    private static Optional<String> listing(String path, String list, String text) {
        return path.equals("network/interfaces/macs/" + ENI.mac() + "/" + list) ? Optional.of(text) : Optional.empty();
    }

    @Test
    void onlyWhatMetadataStillListsIsGiven() {
        assertEquals(
                Optional.of("10.0.64.2"),
                chosen(booted(path -> listing(path, "private-ipv4s", "[\"10.0.64.250\",\"10.0.64.2\"]"))));
    }

    @Test
    void anAddressOfAListedPrefixIsGiven() {
        assertEquals(
                Optional.of("10.0.64.35"), chosen(booted(path -> listing(path, "ipv4-prefixes", "[10.0.64.32/28]"))));
    }

    @Test
    void nothingIsGivenWhileMetadataIsSilentOrUnreadable() {
        assertEquals(Optional.empty(), chosen(booted(_ -> {
            throw new IOException("Connection refused");
        })));
        assertEquals(Optional.empty(), chosen(booted(path -> listing(path, "private-ipv4s", "<html>"))));
        assertEquals(Optional.empty(), chosen(booted(_ -> Optional.empty())));
    }

    @Test
    void aWelcomeInThisBootEndsTheDoubtAlsoForTheNextAgent() {
        AfterReboot agent = booted(_ -> Optional.empty());
        agent.confirm();
        assertEquals(Optional.of("10.0.64.1"), chosen(agent));
        assertEquals(Optional.of("10.0.64.1"), chosen(booted(_ -> Optional.empty())));
        assertEquals(
                Optional.empty(),
                chosen(booted("boot-3", AfterBoot.COMPARED_WITHIN, _ -> Optional.empty())),
                "the next boot doubts again");
    }

    /** An older copy of the disk may have come back: ipam-service welcomes it before it has compared it with the cloud. */
    @Test
    void whatMetadataMissesStaysUnusedForAWhileAfterAWelcomeToo() {
        AfterReboot.Listing second = path -> listing(path, "private-ipv4s", "[\"10.0.64.250\",\"10.0.64.2\"]");
        AfterReboot agent = booted("boot-2", Duration.ofSeconds(40), second);
        agent.confirm();

        assertEquals(Optional.of("10.0.64.2"), chosen(agent));
        assertEquals(Optional.of("10.0.64.1"), chosen(booted(second)));
    }

    /** A new leader knows what the ledger told it until it has seen the instance. */
    @Test
    void whatALeaderProposesIsCheckedToo() {
        AtomicInteger asked = new AtomicInteger();
        AfterReboot agent = booted("boot-2", Duration.ofSeconds(40), path -> {
            asked.incrementAndGet();
            return listing(path, "private-ipv4s", "[\"10.0.64.250\",\"10.0.64.2\"]");
        });
        agent.confirm();
        OfferedAddress later = new OfferedAddress(Ip.parse("10.0.64.3"), ENI.id(), Cidr.parse("10.0.64.3/32"), 11);
        ledger.offer(new LedgerEntry.Offered(List.of(), List.of(later)));

        assertFalse(agent.there().test(address(1)));
        assertTrue(agent.there().test(address(2)));
        assertTrue(agent.there().test(later), "it was offered in this boot");
        assertEquals(4, asked.get(), "questions that come together are one");
    }

    @Test
    void aWelcomedAgentWhoseMetadataIsSilentGoesOn() {
        AfterReboot agent = booted("boot-2", Duration.ofSeconds(40), _ -> {
            throw new IOException("Connection refused");
        });
        agent.confirm();

        assertEquals(Optional.of("10.0.64.1"), chosen(agent));
    }
}
