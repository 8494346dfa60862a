package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyuncs.ecs.model.v20140526.AssignPrivateIpAddressesRequest;
import com.aliyuncs.ecs.model.v20140526.AttachNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.AuthorizeSecurityGroupRequest;
import com.aliyuncs.ecs.model.v20140526.CreateNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.CreateNetworkInterfaceResponse;
import com.aliyuncs.ecs.model.v20140526.CreateSecurityGroupRequest;
import com.aliyuncs.ecs.model.v20140526.DeleteNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.DeleteSecurityGroupRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeInstanceTypesRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeNetworkInterfacesRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeNetworkInterfacesResponse;
import com.aliyuncs.ecs.model.v20140526.DescribeNetworkInterfacesResponse.NetworkInterfaceSet;
import com.aliyuncs.ecs.model.v20140526.DescribeSecurityGroupAttributeRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeSecurityGroupAttributeResponse.Permission;
import com.aliyuncs.ecs.model.v20140526.DetachNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.UnassignPrivateIpAddressesRequest;
import com.aliyuncs.vpc.model.v20160428.DescribeVSwitchesRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What eni-manager relies on, asked of whatever serves the API through the official Java SDK. Runs against the twin always
 * ({@link TwinContract}) and against the real cloud when asked ({@link RealCloudE2E}), so that the twin cannot drift alone.
 * Everything made bears the tag {@value #TAG} and is taken back.
 */
abstract class CloudContract {

    static final String TAG = "terway-contract";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String run = UUID.randomUUID().toString();
    private final List<String> made = new ArrayList<>();

    /** Where the calls go, and what exists there already. */
    record Place(
            SdkClient sdk, String vSwitch, String securityGroup, String vpc, String instance, String instanceType) {}

    abstract Place place();

    @AfterEach
    void takeBack() {
        for (String eni : made) {
            if (exists(eni) && describe(eni).getStatus().equals("InUse")) {
                detach(eni);
            }
            place().sdk().refusal(DeleteNetworkInterfaceRequest::new, r -> r.setNetworkInterfaceId(eni));
        }
    }

    @Test
    void anInterfaceIsAvailableWhenItsCreateAnswers() {
        CreateNetworkInterfaceResponse answer = create("a", 2);
        assertEquals("Available", answer.getStatus());
        assertEquals("Secondary", answer.getType());
        assertEquals(3, answer.getPrivateIpSets().size());
        assertTrue(answer.getPrivateIpSets().getFirst().getPrimary());
        assertEquals(
                answer.getPrivateIpAddress(),
                answer.getPrivateIpSets().getFirst().getPrivateIpAddress());
        assertTrue(answer.getMacAddress().startsWith("00:16:3e"), answer.getMacAddress());
    }

    @Test
    void oneTokenMakesOneInterface() {
        String first = create("same", 1).getNetworkInterfaceId();
        assertEquals(first, create("same", 1).getNetworkInterfaceId());
        assertNotEquals(first, create("other", 1).getNetworkInterfaceId());
    }

    @Test
    void aTokenWithOtherParametersIsRefused() {
        create("burnt", 1);
        String code = place().sdk().refusal(CreateNetworkInterfaceRequest::new, r -> fill(r, "burnt", 3));
        assertTrue(code.startsWith("Idempoten") || code.startsWith("InvalidIdempotence"), code);
    }

    @Test
    void anInterfaceIsFoundByItsTag() {
        String eni = create("tagged", 1).getNetworkInterfaceId();
        await(() -> byTag(100, null).getNetworkInterfaceSets().stream()
                .anyMatch(e -> e.getNetworkInterfaceId().equals(eni)));
    }

    @Test
    void pagesByTokenHoldEveryInterfaceOnce() {
        for (int i = 0; i < 12; i++) {
            create("page-" + i, 1);
        }
        await(() -> all().size() == 12);
        assertEquals(12, all().stream().distinct().count());
    }

    @Test
    void anInterfaceIsAttachedDetachedAndDeleted() {
        String eni = create("life", 1).getNetworkInterfaceId();
        attach(eni);
        assertEquals(place().instance(), describe(eni).getInstanceId());
        assertEquals(
                "InvalidOperation.InvalidEniState",
                place().sdk().refusal(DeleteNetworkInterfaceRequest::new, r -> r.setNetworkInterfaceId(eni)));
        detach(eni);
        place().sdk().call(new DeleteNetworkInterfaceRequest(), r -> r.setNetworkInterfaceId(eni));
        await(() -> !exists(eni));
    }

    @Test
    void addressesComeAndGo() {
        String eni = create("addresses", 1).getNetworkInterfaceId();
        List<String> given = place().sdk()
                .call(new AssignPrivateIpAddressesRequest(), r -> {
                    r.setNetworkInterfaceId(eni);
                    r.setSecondaryPrivateIpAddressCount(2);
                })
                .getAssignedPrivateIpAddressesSet()
                .getPrivateIpSet();
        assertEquals(2, given.size());
        await(() -> ips(eni).containsAll(given));
        place().sdk().call(new UnassignPrivateIpAddressesRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setPrivateIpAddresss(given);
        });
        await(() -> ips(eni).stream().noneMatch(given::contains));
        assertEquals(2, ips(eni).size());
    }

    @Test
    void aTakenAddressIsRefused() {
        String one = create("one", 1).getNetworkInterfaceId();
        String two = create("two", 1).getNetworkInterfaceId();
        String taken = ips(one).getLast();
        String code = place().sdk().refusal(AssignPrivateIpAddressesRequest::new, r -> {
            r.setNetworkInterfaceId(two);
            r.setPrivateIpAddresss(List.of(taken));
        });
        assertTrue(
                List.of("InvalidIp.IpAssigned", "InvalidPrivateIpAddress.Duplicated")
                        .contains(code),
                code);
    }

    @Test
    void whatDoesNotExistIsNotFound() {
        SdkClient sdk = place().sdk();
        String none = "eni-bp1none0000000000000";
        assertEquals(
                "InvalidEniId.NotFound",
                sdk.refusal(DeleteNetworkInterfaceRequest::new, r -> r.setNetworkInterfaceId(none)));
        assertEquals("InvalidVSwitchId.NotFound", sdk.refusal(CreateNetworkInterfaceRequest::new, r -> {
            fill(r, "none", 1);
            r.setVSwitchId("vsw-bp1none0000000000000");
        }));
        assertFalse(exists(none));
    }

    @Test
    void limitsOfTheInstancesTypeAreTold() {
        var types = place().sdk()
                .call(new DescribeInstanceTypesRequest(), r -> r.setInstanceTypess(List.of(place().instanceType())))
                .getInstanceTypes();
        assertEquals(1, types.size());
        assertTrue(types.getFirst().getEniQuantity() > 1);
        assertTrue(types.getFirst().getEniPrivateIpAddressQuantity() > 1);
    }

    @Test
    void aVSwitchTellsItsZoneAndRoom() {
        var vSwitch = place().sdk()
                .call(new DescribeVSwitchesRequest(), r -> r.setVSwitchId(place().vSwitch()))
                .getVSwitches()
                .getFirst();
        assertEquals(place().vpc(), vSwitch.getVpcId());
        assertFalse(vSwitch.getZoneId().isEmpty());
        assertTrue(vSwitch.getAvailableIpAddressCount() > 0);
    }

    @Test
    void aRuleOfASecurityGroupIsReadBack() {
        String group = place().sdk()
                .call(new CreateSecurityGroupRequest(), r -> {
                    r.setVpcId(place().vpc());
                    r.setSecurityGroupName(TAG);
                })
                .getSecurityGroupId();
        try {
            place().sdk().call(new AuthorizeSecurityGroupRequest(), r -> {
                r.setSecurityGroupId(group);
                r.setIpProtocol("tcp");
                r.setPortRange("8080/8090");
                r.setSourceCidrIp("10.0.0.0/8");
                r.setPriority("7");
                r.setPolicy("accept");
            });
            List<Permission> rules = place().sdk()
                    .call(new DescribeSecurityGroupAttributeRequest(), r -> r.setSecurityGroupId(group))
                    .getPermissions();
            assertEquals(1, rules.size());
            assertEquals("8080/8090", rules.getFirst().getPortRange());
            assertEquals("7", rules.getFirst().getPriority());
            assertEquals("TCP", rules.getFirst().getIpProtocol());
        } finally {
            place().sdk().call(new DeleteSecurityGroupRequest(), r -> r.setSecurityGroupId(group));
        }
    }

    private CreateNetworkInterfaceResponse create(String token, int addresses) {
        CreateNetworkInterfaceResponse answer =
                place().sdk().call(new CreateNetworkInterfaceRequest(), r -> fill(r, token, addresses));
        made.add(answer.getNetworkInterfaceId());
        return answer;
    }

    private void fill(CreateNetworkInterfaceRequest request, String token, int addresses) {
        request.setVSwitchId(place().vSwitch());
        request.setSecurityGroupIdss(List.of(place().securityGroup()));
        request.setSecondaryPrivateIpAddressCount(addresses);
        request.setClientToken(run + "-" + token);
        CreateNetworkInterfaceRequest.Tag tag = new CreateNetworkInterfaceRequest.Tag();
        tag.setKey(TAG);
        tag.setValue(run);
        request.setTags(List.of(tag));
    }

    private void attach(String eni) {
        place().sdk().call(new AttachNetworkInterfaceRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setInstanceId(place().instance());
        });
        await(() -> describe(eni).getStatus().equals("InUse"));
    }

    private void detach(String eni) {
        place().sdk().call(new DetachNetworkInterfaceRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setInstanceId(place().instance());
        });
        await(() -> describe(eni).getStatus().equals("Available"));
    }

    private boolean exists(String eni) {
        return !find(eni).isEmpty();
    }

    private NetworkInterfaceSet describe(String eni) {
        await(() -> exists(eni));
        return find(eni).getFirst();
    }

    private List<NetworkInterfaceSet> find(String eni) {
        return place().sdk()
                .call(new DescribeNetworkInterfacesRequest(), r -> r.setNetworkInterfaceIds(List.of(eni)))
                .getNetworkInterfaceSets();
    }

    private List<String> ips(String eni) {
        return describe(eni).getPrivateIpSets().stream()
                .map(NetworkInterfaceSet.PrivateIpSet::getPrivateIpAddress)
                .toList();
    }

    private DescribeNetworkInterfacesResponse byTag(int size, String next) {
        return place().sdk().call(new DescribeNetworkInterfacesRequest(), r -> {
            DescribeNetworkInterfacesRequest.Tag tag = new DescribeNetworkInterfacesRequest.Tag();
            tag.setKey(TAG);
            tag.setValue(run);
            r.setTags(List.of(tag));
            r.setMaxResults(size);
            r.setNextToken(next);
        });
    }

    private List<String> all() {
        List<String> found = new ArrayList<>();
        String next = null;
        do {
            DescribeNetworkInterfacesResponse page = byTag(10, next);
            page.getNetworkInterfaceSets().forEach(eni -> found.add(eni.getNetworkInterfaceId()));
            next = page.getNextToken();
        } while (next != null && !next.isEmpty());
        return found;
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within " + PATIENCE.toSeconds() + " s");
            try {
                TimeUnit.MILLISECONDS.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }
}
