package io.terway.eni.operation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.Added;
import io.terway.eni.AddressCounts;
import io.terway.eni.Attachment;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.ClusterTags;
import io.terway.eni.EniOrder;
import io.terway.eni.EniType;
import io.terway.eni.GroupRule;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.Seat;
import io.terway.eni.VpcId;
import io.terway.eni.VpcRoute;
import io.terway.eni.operation.AddressOperations.Assign;
import io.terway.eni.operation.AddressOperations.Counts;
import io.terway.eni.operation.AddressOperations.Unassign;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.operation.GroupOperations.GroupOutcome;
import io.terway.eni.operation.RouteOperations.RouteOutcome;
import io.terway.net.Cidr;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What modes beside ENIIP need, over the real SDK against the twin: trunks, members, prefixes, moves, routes, groups. */
final class ModesIT {

    private static final InstanceId OTHER = new InstanceId("i-bp1node00002");
    private static final InstanceId SAME_ZONE = new InstanceId("i-bp1node00003");
    private static final VpcId VPC = new VpcId("vpc-bp1lab");
    private static final SecurityGroupId GROUP = new SecurityGroupId("sg-bp1lab");
    private static final Cidr PODS = Cidr.parse("172.20.1.0/24");

    @TempDir
    Path dir;

    private TwinLab twin;
    private CloudSide cloud;

    @BeforeEach
    void start() {
        twin = new TwinLab(dir, new InstanceType("ecs.g7.2xlarge"));
        cloud = twin.process("c1");
    }

    @AfterEach
    void stop() {
        cloud.close();
        twin.close();
    }

    private static EniOrder order(String operation, Seat seat, AddressCounts counts, EniType type) {
        return new EniOrder(
                new OperationId(operation), seat, List.of(TwinLab.POD_H), List.of(GROUP), counts, Map.of(), "", type);
    }

    private static Seat onNode() {
        return new Seat.OnInstance(TwinLab.NODE);
    }

    private NetworkInterface made(EniOrder order) {
        EniOutcome outcome = cloud.enis().create(order, false);
        return assertInstanceOf(EniOutcome.Ready.class, outcome, outcome.toString())
                .eni();
    }

    private static CloudFailure failure(EniOutcome outcome) {
        return assertInstanceOf(EniOutcome.NotDone.class, outcome).failure();
    }

    private long calls(String action) {
        return twin.audit.stream()
                .filter(event -> event.action().equals(action))
                .count();
    }

    @Test
    void membersHangOnATrunkEachWithItsOwnVlan() {
        NetworkInterface trunk = made(order("trunk", onNode(), AddressCounts.of(2, 0), EniType.TRUNK));
        Seat seat = new Seat.OnTrunk(TwinLab.NODE, trunk.id());

        NetworkInterface first = made(order("m1", seat, AddressCounts.of(0, 0), EniType.MEMBER));
        NetworkInterface second = made(order("m2", seat, AddressCounts.of(0, 0), EniType.MEMBER));

        assertEquals(EniType.TRUNK, trunk.type());
        assertEquals(EniType.MEMBER, first.type());
        Attachment.OnTrunk one = assertInstanceOf(Attachment.OnTrunk.class, first.attachment());
        Attachment.OnTrunk two = assertInstanceOf(Attachment.OnTrunk.class, second.attachment());
        assertEquals(trunk.id(), one.trunk());
        assertTrue(one.vlan() > 0 && two.vlan() > 0 && one.vlan() != two.vlan(), one + " " + two);
    }

    @Test
    void aMemberIsTakenDownFromItsTrunk() {
        NetworkInterface trunk = made(order("trunk", onNode(), AddressCounts.of(0, 0), EniType.TRUNK));
        Seat seat = new Seat.OnTrunk(TwinLab.NODE, trunk.id());
        NetworkInterface member = made(order("m1", seat, AddressCounts.of(0, 0), EniType.MEMBER));

        EniOutcome early = cloud.enis().remove(trunk.id());
        cloud.enis().remove(member.id());
        EniOutcome late = cloud.enis().remove(trunk.id());

        assertEquals("InvalidOperation.InvalidEniType", failure(early).code());
        assertInstanceOf(EniOutcome.Removed.class, late, late.toString());
        assertEquals(List.of(), twin.added());
    }

    @Test
    void anEniIsMadeWithIpv6AndWithPrefixes() {
        NetworkInterface dual = made(order("dual", onNode(), AddressCounts.of(3, 2), EniType.SECONDARY));
        NetworkInterface blocks = made(order("blocks", onNode(), new AddressCounts(0, 0, 2, 1), EniType.SECONDARY));

        assertEquals(5, dual.addresses().size());
        assertEquals(Family.IPV6, dual.primaryIpv6().orElseThrow().family());
        assertEquals(
                List.of(28, 28, 80),
                blocks.prefixes().stream().map(Cidr::prefixLength).toList());
    }

    @Test
    void prefixesAndIpv6AreAssignedAndTakenOff() {
        NetworkInterface eni = made(order("op", onNode(), AddressCounts.of(0, 0), EniType.SECONDARY));
        Assign assign = new Assign(new OperationId("a"), eni.id(), new Counts(1, 2, 2, 0), List.of());

        Added added = cloud.addresses().assign(assign).added();
        Added again = twin.process("c1").addresses().assign(assign).added();
        AddressOutcome gone = cloud.addresses().unassign(new Unassign(eni.id(), added.addresses(), added.prefixes()));

        assertEquals(3, added.addresses().size());
        assertEquals(2, added.prefixes().size());
        assertEquals(added, again);
        assertEquals(AddressOutcome.NOTHING, gone);
        assertEquals(1, twin.added().getFirst().addresses().size());
        assertEquals(List.of(), twin.added().getFirst().prefixes());
    }

    @Test
    void aParticularAddressIsAssignedAndOneThatIsTakenIsNot() {
        NetworkInterface eni = made(order("op", onNode(), AddressCounts.of(0, 0), EniType.SECONDARY));
        NetworkInterface other = made(order("op2", onNode(), AddressCounts.of(0, 0), EniType.SECONDARY));
        List<Ip> wanted = List.of(Ip.parse("10.0.70.7"));

        AddressOutcome first =
                cloud.addresses().assign(new Assign(new OperationId("a"), eni.id(), new Counts(0, 0, 0, 0), wanted));
        AddressOutcome taken =
                cloud.addresses().assign(new Assign(new OperationId("b"), other.id(), new Counts(0, 0, 0, 0), wanted));

        assertEquals(new AddressOutcome.Complete(new Added(wanted, List.of())), first);
        assertInstanceOf(
                CloudFailure.AlreadyThere.class,
                assertInstanceOf(AddressOutcome.Partly.class, taken).failure());
    }

    @Test
    void anEniMovesToAnotherInstanceOfItsZoneAndKeepsItsAddress() {
        NetworkInterface eni = made(order("op", onNode(), AddressCounts.of(1, 0), EniType.SECONDARY));

        cloud.enis().detach(eni.id(), TwinLab.NODE);
        boolean kept = twin.added().getFirst().status().equals("Available");
        EniOutcome moved = cloud.enis().attach(eni.id(), new Seat.OnInstance(SAME_ZONE));

        NetworkInterface there = assertInstanceOf(EniOutcome.Ready.class, moved, moved.toString())
                .eni();
        assertTrue(kept);
        assertEquals(SAME_ZONE, there.attachment().instance().orElseThrow());
        assertEquals(eni.primaryAddress(), there.primaryAddress());
        assertFalse(there.tags().containsKey(ClusterTags.KEPT));
    }

    @Test
    void anEniThatCannotBeAttachedIsKeptWhenItWasThereBefore() {
        NetworkInterface eni = made(order("op", onNode(), AddressCounts.of(0, 0), EniType.SECONDARY));
        cloud.enis().detach(eni.id(), TwinLab.NODE);

        EniOutcome otherZone = cloud.enis().attach(eni.id(), new Seat.OnInstance(OTHER));

        assertEquals(
                "InvalidOperation.AvailabilityZoneMismatch", failure(otherZone).code());
        assertEquals(1, twin.added().size());
    }

    @Test
    void aLateDetachOfTheOldInstanceSparesTheNewOne() {
        NetworkInterface eni = made(order("op", onNode(), AddressCounts.of(0, 0), EniType.SECONDARY));
        cloud.enis().detach(eni.id(), TwinLab.NODE);
        cloud.enis().attach(eni.id(), new Seat.OnInstance(SAME_ZONE));

        cloud.enis().detach(eni.id(), TwinLab.NODE);

        assertEquals(SAME_ZONE, twin.added().getFirst().instance().orElseThrow());
    }

    @Test
    void attachingElsewhereSaysWhereItHangs() {
        NetworkInterface eni = made(order("op", onNode(), AddressCounts.of(0, 0), EniType.SECONDARY));

        CloudFailure elsewhere = failure(cloud.enis().attach(eni.id(), new Seat.OnInstance(SAME_ZONE)));

        assertTrue(elsewhere.message().contains(TwinLab.NODE.value()), elsewhere.message());
    }

    @Test
    void securityGroupsOfAnEniAreReplacedOnce() {
        SecurityGroupId second = twin.group("second");
        NetworkInterface eni = made(order("op", onNode(), AddressCounts.of(0, 0), EniType.SECONDARY));

        cloud.enis().modify(eni.id(), List.of(second));
        EniOutcome again = cloud.enis().modify(eni.id(), List.of(second));

        assertInstanceOf(EniOutcome.Ready.class, again);
        assertEquals(List.of(second), twin.added().getFirst().groups());
        assertEquals(1, calls("ModifyNetworkInterfaceAttribute"));
    }

    @Test
    void aRouteIsMadeOnceMovedAndTakenAway() {
        RouteOperations routes = cloud.routes();
        routes.put(new OperationId("r1"), VPC, PODS, TwinLab.NODE);
        routes.put(new OperationId("r2"), VPC, PODS, TwinLab.NODE);
        routes.put(new OperationId("r3"), VPC, PODS, OTHER);
        List<VpcRoute> moved = ok(routes.list(VPC));

        RouteOutcome late = routes.remove(new OperationId("r4"), VPC, PODS, TwinLab.NODE);
        int spared = ok(routes.list(VPC)).size();
        RouteOutcome gone = routes.remove(new OperationId("r5"), VPC, PODS, OTHER);

        assertEquals(
                List.of(OTHER.value()), moved.stream().map(VpcRoute::nextHop).toList());
        assertTrue(cloud.tags().owns(moved.getFirst()));
        assertEquals(new RouteOutcome.Reached(), late);
        assertEquals(1, spared);
        assertEquals(new RouteOutcome.Reached(), gone);
        assertEquals(List.of(), ok(routes.list(VPC)));
        assertEquals(2, calls("CreateRouteEntry"));
    }

    @Test
    void aLostAnswerMakesNoSecondRoute() {
        twin.faults(
                "{\"seed\":1,\"faults\":[{\"action\":\"CreateRouteEntry\",\"effect\":\"lose-answer\",\"times\":1}]}");

        RouteOutcome put = cloud.routes().put(new OperationId("r1"), VPC, PODS, TwinLab.NODE);

        assertEquals(new RouteOutcome.Reached(), put);
        assertEquals(1, calls("CreateRouteEntry"));
    }

    @Test
    void aFullRouteTableIsAQuota() {
        twin.faults("{\"seed\":1,\"faults\":[{\"action\":\"CreateRouteEntry\",\"effect\":\"fail\",\"status\":400,"
                + "\"code\":\"QuotaExceeded.RouteEntry\",\"times\":1}]}");

        RouteOutcome full = cloud.routes().put(new OperationId("r1"), VPC, PODS, TwinLab.NODE);

        CloudFailure failure =
                assertInstanceOf(RouteOutcome.NotDone.class, full).failure();
        assertInstanceOf(CloudFailure.QuotaReached.class, failure);
    }

    @Test
    void theRouteOfAnotherClusterIsNeitherMovedNorTakenAway() {
        CloudSide other = twin.process("c2");
        other.routes().put(new OperationId("r1"), VPC, PODS, OTHER);
        other.close();

        RouteOutcome put = cloud.routes().put(new OperationId("r2"), VPC, PODS, TwinLab.NODE);
        RouteOutcome remove = cloud.routes().remove(new OperationId("r3"), VPC, PODS, OTHER);

        assertInstanceOf(
                CloudFailure.NotOurs.class,
                assertInstanceOf(RouteOutcome.NotDone.class, put).failure());
        assertInstanceOf(RouteOutcome.NotDone.class, remove);
        assertEquals(1, ok(cloud.routes().list(VPC)).size());
    }

    private static GroupRule rule(int port) {
        return new GroupRule(
                "",
                GroupRule.Direction.INGRESS,
                true,
                1,
                "TCP",
                port + "/" + port,
                new GroupRule.Peer.Block(Cidr.parse("10.0.64.7/32")),
                "policy a/b");
    }

    private List<GroupRule> ours(SecurityGroupId group) {
        return ok(cloud.groups().list(List.of(group))).getFirst().rules().stream()
                .filter(rule -> rule.description().startsWith(cloud.tags().mark()))
                .toList();
    }

    @Test
    void rulesAreAddedOnceAndTakenAway() {
        SecurityGroupId group = twin.group("policies");
        GroupOperations groups = cloud.groups();
        GroupOutcome added = groups.change(new OperationId("g1"), group, List.of(rule(80), rule(443)), List.of());
        groups.change(new OperationId("g2"), group, List.of(rule(80)), List.of());
        List<GroupRule> there = ours(group);

        GroupOutcome gone = groups.change(
                new OperationId("g3"),
                group,
                List.of(),
                there.stream().map(GroupRule::id).toList());

        assertEquals(new GroupOutcome.Reached(), added);
        assertEquals(2, there.size());
        assertEquals("terway.io/cluster=c1 policy a/b", there.getFirst().description());
        assertEquals(new GroupOutcome.Reached(), gone);
        assertEquals(List.of(), ours(group));
        assertEquals(1, calls("AuthorizeSecurityGroup"));
    }

    @Test
    void aRuleOfOthersIsNeverTakenAwayAndRefusesTheWholeChange() {
        List<GroupRule> theirs =
                ok(cloud.groups().list(List.of(GROUP))).getFirst().rules();

        GroupOutcome refused = cloud.groups()
                .change(
                        new OperationId("g1"),
                        GROUP,
                        List.of(rule(80)),
                        List.of(theirs.getFirst().id()));

        assertInstanceOf(
                CloudFailure.NotOurs.class,
                assertInstanceOf(GroupOutcome.NotDone.class, refused).failure());
        assertEquals(theirs, ok(cloud.groups().list(List.of(GROUP))).getFirst().rules());
    }

    private static <T> T ok(CloudResult<T> result) {
        return switch (result) {
            case CloudResult.Ok<T>(T value) -> value;
            case CloudResult.Failed<T>(CloudFailure failure) -> throw new AssertionError(failure);
        };
    }
}
