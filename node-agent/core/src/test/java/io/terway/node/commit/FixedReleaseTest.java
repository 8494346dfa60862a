package io.terway.node.commit;

import static io.terway.node.ledger.Samples.at;
import static io.terway.node.ledger.Samples.binding;
import static io.terway.node.ledger.Samples.ip;
import static io.terway.node.ledger.Samples.key;
import static io.terway.node.ledger.Samples.of;
import static io.terway.node.ledger.Samples.offer;
import static io.terway.node.ledger.Samples.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Family;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.OfferedEni;
import io.terway.node.ledger.PodLife;
import io.terway.node.ledger.Samples;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A fixed address that was released, until ipam-service withdraws it. */
class FixedReleaseTest {

    private static final OfferedEni ENI = Samples.eni("eni-1", 1, new EniRole.Secondary());

    private static Claim claim(String container, PodLife pod) {
        return new Claim(key(container), pod, Path.of("/run/netns", container), List.of(Family.IPV4), at(5));
    }

    private static LedgerState released() {
        Binding bound = binding("redis", ip(1), ENI, 1);
        return of(
                offer(ENI, 1, 1, 10),
                new LedgerEntry.Bound(new Binding(
                        bound.key(),
                        bound.pod(),
                        bound.netns(),
                        bound.addresses(),
                        true,
                        bound.at(),
                        bound.sequence())),
                new LedgerEntry.Released(key("redis"), at(100), true));
    }

    @Test
    void theAgentsOwnChooserGivesItToNoOtherPod() {
        assertEquals(
                Optional.empty(), LocalChooser.choose(released(), claim("web", pod("web", "uid-web")), at(100_000)));
    }

    @Test
    void anotherLifeOfItsPodMayHaveItAtOnce() {
        var proposal = new Proposal(List.of(ip(1)), true);
        assertInstanceOf(
                CommitResult.Committed.class,
                Commit.decide(released(), claim("new", pod("web-redis", "uid-new")), proposal, at(101)));
    }

    @Test
    void aRebootDoesNotMakeItAnybodys() {
        LedgerState state = released();
        var boot = new BootTime("another-boot", Duration.ofSeconds(1));
        state.restAfterBoot(boot);

        assertTrue(state.lastRelease(ip(1)).orElseThrow().fixed());
        assertEquals(
                Optional.empty(),
                LocalChooser.choose(
                        state,
                        claim("web", pod("web", "uid-web")),
                        new BootTime("another-boot", Duration.ofSeconds(9_000))));
    }
}
