package io.terway.node.commit;

import static io.terway.node.ledger.Samples.ENI_A;
import static io.terway.node.ledger.Samples.ENI_B;
import static io.terway.node.ledger.Samples.at;
import static io.terway.node.ledger.Samples.binding;
import static io.terway.node.ledger.Samples.ip;
import static io.terway.node.ledger.Samples.key;
import static io.terway.node.ledger.Samples.of;
import static io.terway.node.ledger.Samples.offer;
import static io.terway.node.ledger.Samples.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.hostport.HostPort;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.HeldAddress;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.OfferedEni;
import io.terway.node.ledger.PodLife;
import io.terway.node.ledger.Samples;
import io.terway.node.ledger.WithdrawnAddress;
import io.terway.node.policy.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class CommitTest {

    private static Claim claim(String container, PodLife pod) {
        return new Claim(key(container), pod, Path.of("/run/netns/" + container), List.of(Family.IPV4), at(5));
    }

    private static Claim claim(String container) {
        return claim(container, pod("web-" + container, "uid-" + container));
    }

    private static Proposal propose(int last) {
        return new Proposal(List.of(ip(last)), false);
    }

    private static LedgerState released(String container, int last) {
        return of(
                offer(ENI_A, 1, 2, 10),
                new LedgerEntry.Bound(binding(container, ip(last), ENI_A, 1)),
                new LedgerEntry.Released(key(container), at(100), true));
    }

    private static Refusal refusal(LedgerState state, Claim claim, int last) {
        CommitResult result = Commit.decide(state, claim, propose(last), at(101));
        return assertInstanceOf(CommitResult.Refused.class, result).why();
    }

    @Test
    void commitsAFreeOfferedAddress() {
        LedgerState state = of(offer(ENI_A, 1, 2, 10));
        CommitResult result = Commit.decide(state, claim("one"), propose(2), at(7));
        assertEquals(new CommitResult.Committed(new LedgerEntry.Bound(binding("one", ip(2), ENI_A, 1))), result);
    }

    @Test
    void refusesAnAddressThatWasNeverOffered() {
        assertEquals(new Refusal.NotOffered(), refusal(of(offer(ENI_A, 1, 1, 10)), claim("one"), 9));
    }

    @Test
    void refusesAWithdrawnAddress() {
        LedgerState state = of(
                offer(ENI_A, 1, 1, 10),
                new LedgerEntry.Withdrawn(List.of(new WithdrawnAddress(ip(1), ENI_A.id(), 11)), List.of()));
        assertEquals(new Refusal.NotOffered(), refusal(state, claim("one"), 1));
    }

    /** Seed 24 of the simulation: a leader that had not seen the instance proposed what an older ledger copy told it. */
    @Test
    void aProposalIsCheckedAfterABootAsAnOwnChoiceIs() {
        LedgerState state = of(offer(ENI_A, 1, 2, 10));
        AfterBoot booted = AfterBoot.of(state, false).welcomed();
        state.apply(offer(ENI_A, 3, 3, 11));
        Predicate<OfferedAddress> there = address -> booted.trusts(address, at(20));
        Proposal old = propose(2);

        CommitResult refused = Commit.decide(state, claim("one"), old, there, at(20));
        assertEquals(new CommitResult.Refused(ip(2), new Refusal.NotListed(ENI_A.id())), refused);
        var tried = Map.of(ip(2), old.attachment());
        assertEquals(List.of(ip(2)), Commit.unproposable(state, claim("one"), tried, there, at(20)));
        assertInstanceOf(
                CommitResult.Committed.class,
                Commit.decide(state, claim("one"), propose(3), there, at(20)),
                "it was offered in this boot, so a leader has seen it");
        assertTrue(booted.trusts(state.offered(ip(2)).orElseThrow(), at(120)));
    }

    @Test
    void refusesAHeldAddress() {
        LedgerState state = of(offer(ENI_A, 1, 1, 10), new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)));
        assertEquals(new Refusal.Held(key("one")), refusal(state, claim("two"), 1));
    }

    @Test
    void refusesACoolingAddressExceptToTheSameLifeOfThePod() {
        LedgerState state = released("one", 1);
        assertEquals(new Refusal.CoolingDown(Duration.ofSeconds(29)), refusal(state, claim("two"), 1));
        PodLife same = pod("web-one", "uid-one");
        assertInstanceOf(CommitResult.Committed.class, Commit.decide(state, claim("again", same), propose(1), at(101)));
        PodLife otherLife = pod("web-one", "uid-next");
        assertEquals(new Refusal.CoolingDown(Duration.ofSeconds(29)), refusal(state, claim("again", otherLife), 1));
    }

    @Test
    void unknownUidsAreNeverTheSameLife() {
        LedgerState state = of(
                offer(ENI_A, 1, 1, 10),
                new LedgerEntry.Bound(new Binding(
                        key("one"),
                        pod("web", ""),
                        Path.of("/run/netns/one"),
                        List.of(new HeldAddress(ip(1), ENI_A.id())),
                        false,
                        at(5),
                        1)),
                new LedgerEntry.Released(key("one"), at(100), true));
        assertInstanceOf(Refusal.CoolingDown.class, refusal(state, claim("two", pod("web", "")), 1));
    }

    @Test
    void answersARepeatedClaimWithWhatIsHeld() {
        LedgerState state = of(offer(ENI_A, 1, 2, 10), new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)));
        CommitResult result = Commit.decide(state, claim("one"), propose(2), at(101));
        assertEquals(new CommitResult.AlreadyHeld(binding("one", ip(1), ENI_A, 1)), result);
    }

    @Test
    void refusesAProposalOfTheWrongFamilies() {
        CommitResult result = Commit.decide(
                of(offer(ENI_A, 1, 2, 10)), claim("one"), new Proposal(List.of(ip(1), ip(2)), false), at(5));
        assertInstanceOf(CommitResult.Unfit.class, result);
    }

    @Test
    void aPortOfTheNodeLeadsToOneSandbox() {
        HostPort port = HostPort.everywhere(Transport.TCP, Family.IPV4, 8080, 80);
        Binding plain = binding("one", ip(1), ENI_A, 1);
        Binding holder = new Binding(
                plain.key(),
                plain.pod(),
                plain.netns(),
                plain.addresses(),
                false,
                at(5),
                1,
                plain.attachment(),
                List.of(port));
        LedgerState state = of(offer(ENI_A, 1, 2, 10), new LedgerEntry.Bound(holder));
        Claim claim = new Claim(
                key("two"), pod("web", "u"), Path.of("/run/netns/two"), List.of(Family.IPV4), at(5), List.of(port));

        CommitResult.Unfit unfit =
                assertInstanceOf(CommitResult.Unfit.class, Commit.decide(state, claim, propose(2), at(101)));
        assertEquals(
                "hostPort 8080/TCP of this node leads to pod default/web-one (sandbox terway/one/eth0);"
                        + " one of the two must use another port or go",
                unfit.why());

        state.apply(new LedgerEntry.Released(key("one"), at(100), true));
        CommitResult.Committed now =
                assertInstanceOf(CommitResult.Committed.class, Commit.decide(state, claim, propose(2), at(101)));
        assertEquals(List.of(port), now.entry().binding().hostPorts());
    }

    @Test
    void bothFamiliesComeFromOneEni() {
        Claim dual = new Claim(
                key("one"), pod("web", "uid"), Path.of("/run/netns/one"), List.of(Family.IPV4, Family.IPV6), at(5));
        OfferedEni a = Samples.eni("eni-a", 0xa, Family.IPV4, Family.IPV6);
        OfferedEni b = Samples.eni("eni-b", 0xb, Family.IPV4, Family.IPV6);
        Ip six = Ip.parse("2001:db8:64::1");
        LedgerState apart = of(
                offer(a, 1, 1, 10),
                new LedgerEntry.Offered(List.of(b), List.of(new OfferedAddress(six, b.id(), Cidr.single(six), 10))));
        CommitResult result = Commit.decide(apart, dual, new Proposal(List.of(ip(1), six), false), at(5));
        assertEquals(new CommitResult.Refused(six, new Refusal.OtherEni(b.id())), result);
        assertEquals(Optional.empty(), LocalChooser.choose(apart, dual, at(5)));
        apart.apply(offer(b, 7, 1, 10));
        assertEquals(Optional.of(new Proposal(List.of(ip(7), six), false)), LocalChooser.choose(apart, dual, at(5)));
    }

    @Test
    void choosesTheFullestEniAndThereTheLongestRested() {
        LedgerState state = of(
                offer(ENI_A, 1, 1, 10),
                offer(ENI_B, 11, 4, 10),
                new LedgerEntry.Bound(binding("one", ip(11), ENI_B, 1)),
                new LedgerEntry.Bound(binding("two", ip(12), ENI_B, 2)),
                new LedgerEntry.Bound(binding("three", ip(13), ENI_B, 3)),
                new LedgerEntry.Bound(binding("four", ip(14), ENI_B, 4)),
                new LedgerEntry.Released(key("three"), at(100), true),
                new LedgerEntry.Released(key("two"), at(110), true));
        assertEquals(Optional.of(propose(13)), LocalChooser.choose(state, claim("five"), at(200)));
    }

    @Test
    void choosesTheAddressTheSamePodHad() {
        LedgerState state = released("one", 2);
        assertEquals(
                Optional.of(propose(2)), LocalChooser.choose(state, claim("x", pod("web-one", "uid-one")), at(101)));
        assertEquals(Optional.of(propose(1)), LocalChooser.choose(state, claim("y"), at(101)));
    }

    @Test
    void choosesNothingWhenNothingIsFree() {
        LedgerState state = of(offer(ENI_A, 1, 1, 10), new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)));
        assertEquals(Optional.empty(), LocalChooser.choose(state, claim("two"), at(101)));
    }

    @Test
    void aRefusedAddressIsProposableAgainAfterItsCoolDown() {
        LedgerState state = released("one", 1);
        Map<Ip, Attachment> refused = Map.of(ip(1), Attachment.SHARED, ip(2), Attachment.SHARED);
        assertEquals(List.of(ip(1)), Commit.unproposable(state, claim("two"), Map.of(), _ -> true, at(129)));
        assertEquals(List.of(ip(1)), Commit.unproposable(state, claim("two"), refused, _ -> true, at(129)));
        assertEquals(List.of(), Commit.unproposable(state, claim("two"), refused, _ -> true, at(130)));
    }

    @Test
    void withdrawsOnlyWhatNothingUses() {
        LedgerState state = of(
                offer(ENI_A, 1, 4, 10),
                new LedgerEntry.Bound(binding("one", ip(1), ENI_A, 1)),
                new LedgerEntry.Bound(binding("two", ip(2), ENI_A, 2)),
                new LedgerEntry.Released(key("two"), at(100), true),
                offer(ENI_A, 4, 1, 30));
        Withdrawal decided =
                Withdrawal.decide(state, 20, List.of(ip(1), ip(2), ip(3), ip(4), ip(9)), List.of(), at(101));
        assertEquals(List.of(ip(3), ip(9)), decided.withdrawn());
        assertEquals(List.of(ip(1), ip(2), ip(4)), decided.kept());
    }

    @Test
    void aFixedAddressLeavesWithItsPodDuringItsCoolDown() {
        Binding one = binding("one", ip(1), ENI_A, 1);
        Binding fixed = new Binding(
                one.key(), one.pod(), one.netns(), one.addresses(), true, one.at(), one.sequence(), one.attachment());
        LedgerState held = of(offer(ENI_A, 1, 1, 10), new LedgerEntry.Bound(fixed));
        assertEquals(
                List.of(ip(1)),
                Withdrawal.decide(held, 20, List.of(ip(1)), List.of(), at(101)).kept(),
                "not while its sandbox has it");
        LedgerState left = of(
                offer(ENI_A, 1, 1, 10),
                new LedgerEntry.Bound(fixed),
                new LedgerEntry.Released(key("one"), at(100), true));

        assertEquals(
                List.of(ip(1)),
                Withdrawal.decide(left, 20, List.of(ip(1)), List.of(), at(101)).withdrawn());
    }

    @Test
    void tombstonesRefuseOnlyEarlierAdds() {
        Tombstones tombstones = new Tombstones();
        tombstones.put(key("one"), Duration.ofSeconds(10));
        assertTrue(tombstones.refuses(key("one"), Duration.ofSeconds(9)));
        assertFalse(tombstones.refuses(key("one"), Duration.ofSeconds(11)));
        assertFalse(tombstones.refuses(key("two"), Duration.ofSeconds(9)));
    }

    @Test
    void tombstonesAreBounded() {
        Tombstones tombstones = new Tombstones();
        for (int i = 0; i <= Tombstones.LIMIT; i++) {
            tombstones.put(key("c" + i), Duration.ofSeconds(10));
        }
        assertFalse(tombstones.refuses(key("c0"), Duration.ZERO));
        assertTrue(tombstones.refuses(key("c1"), Duration.ZERO));
    }
}
