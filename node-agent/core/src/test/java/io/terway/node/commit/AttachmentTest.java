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

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.EniGroups;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NetworkMode;
import io.terway.node.ledger.OfferedEni;
import io.terway.node.ledger.Samples;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who may share an ENI with whom, and what the agent's own chooser gives in each mode. */
class AttachmentTest {

    /** Its own first address is ip(241), and so on: see {@link Samples}. */
    private static final OfferedEni ONE = Samples.eni("eni-1", 1, new EniRole.Secondary());

    private static final OfferedEni TWO = Samples.eni("eni-2", 2, new EniRole.Secondary());
    private static final OfferedEni TRUNK = Samples.eni("eni-3", 3, new EniRole.Trunk());
    private static final OfferedEni MEMBER = Samples.eni("eni-4", 4, new EniRole.Member(TRUNK.id(), 7));
    private static final OfferedEni PRIMARY = Samples.eni("eni-5", 5, new EniRole.Primary());

    private static Claim claim(String container) {
        return new Claim(
                key(container),
                pod(container, container),
                Path.of("/run/netns", container),
                List.of(Family.IPV4),
                at(5));
    }

    private static CommitResult decide(LedgerState state, int last, Attachment attachment) {
        return Commit.decide(state, claim("new"), new Proposal(List.of(ip(last)), false, attachment), at(500));
    }

    private static Refusal refusal(LedgerState state, int last, Attachment attachment) {
        return assertInstanceOf(CommitResult.Refused.class, decide(state, last, attachment))
                .why();
    }

    private static LedgerEntry bound(String container, int last, OfferedEni eni, Attachment attachment, long sequence) {
        return new LedgerEntry.Bound(binding(container, ip(last), eni, attachment, sequence));
    }

    private static LedgerEntry mode(NetworkMode mode) {
        return new LedgerEntry.Configured(Samples.config(1, mode));
    }

    private static Optional<Ip> chosen(LedgerState state, Attachment attachment) {
        Optional<Proposal> proposal = LocalChooser.choose(state, claim("new"), at(500));
        proposal.ifPresent(p -> assertEquals(attachment, p.attachment()));
        return proposal.map(p -> p.addresses().getFirst());
    }

    @Test
    void aWholeEniIsNotGivenWhileAnotherSandboxUsesIt() {
        LedgerState state =
                of(offer(ONE, 241, 1, 10), offer(ONE, 1, 1, 10), bound("old", 1, ONE, Attachment.SHARED, 1));
        assertEquals(new Refusal.EniInUse(ONE.id(), key("old")), refusal(state, 241, Attachment.EXCLUSIVE));
        state.apply(new LedgerEntry.Released(key("old"), at(100), true));
        assertInstanceOf(CommitResult.Committed.class, decide(state, 241, Attachment.EXCLUSIVE));
    }

    @Test
    void anEniInOneSandboxIsSharedWithNobody() {
        LedgerState state =
                of(offer(ONE, 241, 1, 10), offer(ONE, 1, 1, 10), bound("old", 241, ONE, Attachment.EXCLUSIVE, 1));
        assertEquals(new Refusal.EniInUse(ONE.id(), key("old")), refusal(state, 1, Attachment.SHARED));
    }

    @Test
    void eachRoleCarriesItsOwnAttachmentOnly() {
        LedgerState state =
                of(offer(ONE, 1, 1, 10), offer(TRUNK, 3, 1, 10), offer(MEMBER, 4, 1, 10), offer(PRIMARY, 5, 1, 10));
        Map<Integer, List<Attachment>> fit = Map.of(
                1, List.of(Attachment.SHARED, Attachment.EXCLUSIVE),
                3, List.of(Attachment.SHARED),
                4, List.of(Attachment.TRUNK_MEMBER),
                5, List.of(Attachment.ROUTED));
        fit.forEach((last, attachments) -> {
            for (Attachment attachment : Attachment.values()) {
                Class<? extends CommitResult> expected =
                        attachments.contains(attachment) ? CommitResult.Committed.class : CommitResult.Refused.class;
                assertInstanceOf(expected, decide(state, last, attachment), last + " as " + attachment);
            }
        });
    }

    @Test
    void anEniInUseIsUnproposableAsAWhole() {
        LedgerState state =
                of(offer(ONE, 241, 1, 10), offer(ONE, 1, 1, 10), bound("old", 1, ONE, Attachment.SHARED, 1));
        assertEquals(
                List.of(ip(241)),
                Commit.unproposable(state, claim("new"), Map.of(ip(241), Attachment.EXCLUSIVE), _ -> true, at(500)));
        assertEquals(
                List.of(),
                Commit.unproposable(state, claim("new"), Map.of(ip(241), Attachment.SHARED), _ -> true, at(500)));
    }

    @Test
    void sharedModeLeavesAnEnisOwnAddressAlone() {
        LedgerState state = of(mode(NetworkMode.ENIIP), offer(ONE, 241, 1, 10));
        assertEquals(Optional.empty(), chosen(state, Attachment.SHARED));
        state.apply(offer(ONE, 1, 1, 11));
        assertEquals(Optional.of(ip(1)), chosen(state, Attachment.SHARED));
    }

    @Test
    void exclusiveModeGivesAWholeEniThatNobodyUses() {
        LedgerState state = of(
                mode(NetworkMode.ENI),
                offer(ONE, 241, 1, 10),
                offer(TWO, 242, 1, 10),
                bound("old", 241, ONE, Attachment.EXCLUSIVE, 1));
        assertEquals(Optional.of(ip(242)), chosen(state, Attachment.EXCLUSIVE));
        state.apply(bound("next", 242, TWO, Attachment.EXCLUSIVE, 2));
        assertEquals(Optional.empty(), chosen(state, Attachment.EXCLUSIVE));
    }

    @Test
    void exclusiveModeGivesTheEniThatRestedLongest() {
        LedgerState state = of(
                mode(NetworkMode.ENI),
                offer(ONE, 241, 1, 10),
                offer(TWO, 242, 1, 10),
                bound("one", 241, ONE, Attachment.EXCLUSIVE, 1),
                bound("two", 242, TWO, Attachment.EXCLUSIVE, 2),
                new LedgerEntry.Released(key("two"), at(100), true),
                new LedgerEntry.Released(key("one"), at(110), true));
        assertEquals(Optional.of(ip(242)), chosen(state, Attachment.EXCLUSIVE));
    }

    @Test
    void trunkModeGivesAMemberAndNeverTheTrunksAddresses() {
        LedgerState state = of(mode(NetworkMode.TRUNK), offer(TRUNK, 3, 1, 10));
        assertEquals(Optional.empty(), chosen(state, Attachment.TRUNK_MEMBER));
        state.apply(offer(MEMBER, 4, 1, 10));
        assertEquals(Optional.of(ip(4)), chosen(state, Attachment.TRUNK_MEMBER));
    }

    @Test
    void vpcModeGivesAnAddressOfThePodCidr() {
        LedgerState state = of(mode(NetworkMode.VPC), offer(PRIMARY, 1, 2, 10));
        assertEquals(Optional.of(ip(1)), chosen(state, Attachment.ROUTED));
        state.apply(bound("old", 1, PRIMARY, Attachment.ROUTED, 1));
        assertEquals(Optional.of(ip(2)), chosen(state, Attachment.ROUTED));
    }

    private static LedgerEntry described(OfferedEni eni, EniGroups groups) {
        return new LedgerEntry.Offered(List.of(eni.with(groups)), List.of());
    }

    @Test
    void anEniWithThePreviousPodsSecurityGroupsWaitsForIpamService() {
        LedgerState state = of(mode(NetworkMode.ENI), offer(ONE, 241, 1, 10));
        state.apply(described(ONE, EniGroups.POD));
        assertEquals(Optional.empty(), chosen(state, Attachment.EXCLUSIVE));
        state.apply(described(ONE, EniGroups.UNKNOWN)); // an offer of an ipam-service that does not say
        assertEquals(Optional.empty(), chosen(state, Attachment.EXCLUSIVE));
        state.apply(described(ONE, EniGroups.POOL));
        assertEquals(Optional.of(ip(241)), chosen(state, Attachment.EXCLUSIVE));
    }

    @Test
    void anEniWithSecurityGroupsOfAPodIsSharedByNobody() {
        LedgerState state = of(mode(NetworkMode.ENIIP), offer(ONE, 241, 1, 10), offer(ONE, 1, 1, 10));
        state.apply(described(ONE, EniGroups.POD));
        assertEquals(Optional.empty(), chosen(state, Attachment.SHARED));
    }
}
