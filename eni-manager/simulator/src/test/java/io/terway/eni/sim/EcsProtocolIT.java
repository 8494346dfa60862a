package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.aliyuncs.ecs.model.v20140526.AssignIpv6AddressesRequest;
import com.aliyuncs.ecs.model.v20140526.AssignPrivateIpAddressesRequest;
import com.aliyuncs.ecs.model.v20140526.AttachNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.AuthorizeSecurityGroupRequest;
import com.aliyuncs.ecs.model.v20140526.CreateNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.CreateNetworkInterfaceResponse;
import com.aliyuncs.ecs.model.v20140526.CreateSecurityGroupRequest;
import com.aliyuncs.ecs.model.v20140526.DeleteNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.DeleteSecurityGroupRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeInstanceTypesRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeInstancesRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeNetworkInterfacesRequest;
import com.aliyuncs.ecs.model.v20140526.DescribeNetworkInterfacesResponse.NetworkInterfaceSet;
import com.aliyuncs.ecs.model.v20140526.DescribeSecurityGroupAttributeRequest;
import com.aliyuncs.ecs.model.v20140526.DetachNetworkInterfaceRequest;
import com.aliyuncs.ecs.model.v20140526.ListTagResourcesRequest;
import com.aliyuncs.ecs.model.v20140526.ModifyNetworkInterfaceAttributeRequest;
import com.aliyuncs.ecs.model.v20140526.TagResourcesRequest;
import com.aliyuncs.ecs.model.v20140526.UnassignPrivateIpAddressesRequest;
import com.aliyuncs.vpc.model.v20160428.CreateRouteEntryRequest;
import com.aliyuncs.vpc.model.v20160428.DeleteRouteEntryRequest;
import com.aliyuncs.vpc.model.v20160428.DescribeRouteEntryListRequest;
import com.aliyuncs.vpc.model.v20160428.DescribeVSwitchesRequest;
import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.sim.rpc.RateLimits;
import io.terway.net.InstanceType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The official Java SDK against a twin over HTTP. */
class EcsProtocolIT {

    private static final String NODE = "i-bp1node00001";
    private static final String PODS = "vsw-bp1pod-h";

    private final ManualClock clock = new ManualClock();
    private final EcsSimulator twin = EcsSimulator.start(
            Scenario.lab(2, new InstanceType("ecs.g7.xlarge"), true),
            Options.defaults()
                    .withClock(clock)
                    .withLatencies(Latencies.ofMillis(3_000, 1_000, 3_000, 1_000, 0, 1_000, 0, 0))
                    .withRateLimits(new RateLimits(500, Map.of("DescribeInstances", 1))),
            VpcObserver.NONE);
    private final SdkClient sdk = SdkClient.of(twin);

    @AfterEach
    void close() {
        twin.close();
    }

    private CreateNetworkInterfaceResponse create(String token) {
        return sdk.call(new CreateNetworkInterfaceRequest(), r -> {
            r.setVSwitchId(PODS);
            r.setSecurityGroupIdss(List.of("sg-bp1lab"));
            r.setSecondaryPrivateIpAddressCount(2);
            r.setClientToken(token);
            r.setDescription("for \"pods\" & é中");
            CreateNetworkInterfaceRequest.Tag tag = new CreateNetworkInterfaceRequest.Tag();
            tag.setKey("creator");
            tag.setValue("terway");
            r.setTags(List.of(tag));
        });
    }

    private List<NetworkInterfaceSet> describe(String... ids) {
        return sdk.call(new DescribeNetworkInterfacesRequest(), r -> r.setNetworkInterfaceIds(List.of(ids)))
                .getNetworkInterfaceSets();
    }

    private void attach(String eni) {
        sdk.call(new AttachNetworkInterfaceRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setInstanceId(NODE);
        });
        clock.advance(Duration.ofSeconds(3));
    }

    @Test
    void interfaceLivesItsWholeLifeThroughTheSdk() {
        CreateNetworkInterfaceResponse made = create("t1");
        String eni = made.getNetworkInterfaceId();
        assertEquals("Available", made.getStatus());
        assertEquals("for \"pods\" & é中", made.getDescription());
        assertTrue(made.getMacAddress().startsWith("00:16:3e:"));
        sdk.call(new AttachNetworkInterfaceRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setInstanceId(NODE);
        });
        assertEquals("Attaching", describe(eni).getFirst().getStatus());
        clock.advance(Duration.ofSeconds(3));
        assertEquals("InUse", describe(eni).getFirst().getStatus());
        List<String> given = sdk.call(new AssignPrivateIpAddressesRequest(), r -> {
                    r.setNetworkInterfaceId(eni);
                    r.setSecondaryPrivateIpAddressCount(3);
                })
                .getAssignedPrivateIpAddressesSet()
                .getPrivateIpSet();
        assertEquals(List.of("10.0.64.4", "10.0.64.5", "10.0.64.6"), given);
        NetworkInterfaceSet now = describe(eni).getFirst();
        assertEquals(6, now.getPrivateIpSets().size());
        assertEquals(true, now.getPrivateIpSets().getFirst().getPrimary());
        assertEquals(NODE, now.getAttachment().getInstanceId());
        assertEquals("creator", now.getTags().getFirst().getTagKey());
        sdk.call(new UnassignPrivateIpAddressesRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setPrivateIpAddresss(given);
        });
        assertEquals(3, describe(eni).getFirst().getPrivateIpSets().size());
        sdk.call(new DetachNetworkInterfaceRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setInstanceId(NODE);
        });
        clock.advance(Duration.ofSeconds(3));
        assertEquals("Available", describe(eni).getFirst().getStatus());
        sdk.call(new DeleteNetworkInterfaceRequest(), r -> r.setNetworkInterfaceId(eni));
        clock.advance(Duration.ofSeconds(1));
        assertEquals(List.of(), describe(eni));
    }

    @Test
    void refusalsCarryTheCloudsCodes() {
        String eni = create("t1").getNetworkInterfaceId();
        assertEquals("InvalidEniId.NotFound", sdk.refusal(AttachNetworkInterfaceRequest::new, r -> {
            r.setNetworkInterfaceId("eni-unknown");
            r.setInstanceId(NODE);
        }));
        assertEquals("InvalidEcsId.NotFound", sdk.refusal(AttachNetworkInterfaceRequest::new, r -> {
            r.setNetworkInterfaceId(eni);
            r.setInstanceId("i-unknown");
        }));
        assertEquals("InvalidOperation.InvalidEniState", sdk.refusal(DetachNetworkInterfaceRequest::new, r -> {
            r.setNetworkInterfaceId(eni);
            r.setInstanceId(NODE);
        }));
        assertEquals("InvalidVSwitchId.NotFound", sdk.refusal(CreateNetworkInterfaceRequest::new, r -> {
            r.setVSwitchId("vsw-unknown");
            r.setSecurityGroupId("sg-bp1lab");
        }));
        assertEquals("MissingParameter", sdk.refusal(CreateNetworkInterfaceRequest::new, r -> r.setVSwitchId(PODS)));
        assertEquals("InvalidParameter.Conflict", sdk.refusal(CreateNetworkInterfaceRequest::new, r -> {
            r.setVSwitchId(PODS);
            r.setSecurityGroupId("sg-bp1lab");
            r.setSecurityGroupIdss(List.of("sg-bp1lab"));
        }));
        assertEquals("InvalidIp.IpUnassigned", sdk.refusal(UnassignPrivateIpAddressesRequest::new, r -> {
            r.setNetworkInterfaceId(eni);
            r.setPrivateIpAddresss(List.of("10.0.64.99"));
        }));
        attach(eni);
        assertEquals("InvalidOperation.Ipv4CountExceeded", sdk.refusal(AssignPrivateIpAddressesRequest::new, r -> {
            r.setNetworkInterfaceId(eni);
            r.setSecondaryPrivateIpAddressCount(13);
        }));
        assertEquals(
                "InvalidOperation.InvalidEniState",
                sdk.refusal(DeleteNetworkInterfaceRequest::new, r -> r.setNetworkInterfaceId(eni)));
        assertEquals(
                "DependencyViolation",
                sdk.refusal(DeleteSecurityGroupRequest::new, r -> r.setSecurityGroupId("sg-bp1lab")));
        assertEquals(List.of(), describe("eni-unknown"));
    }

    @Test
    void wrongCredentialsAreToldApart() {
        DescribeVSwitchesRequest none = new DescribeVSwitchesRequest();
        String id = twin.scenario().accessKey().id();
        assertEquals(
                "InvalidAccessKeyId.NotFound",
                SdkClient.with(twin, "nobody", "x").refusal(() -> none, r -> {}));
        assertEquals(
                "SDK.InvalidAccessKeySecret",
                SdkClient.with(twin, id, "wrong").refusal(DescribeVSwitchesRequest::new, r -> {}));
        assertEquals(
                "InvalidSecurityToken.Malformed",
                SdkClient.with(twin, id, twin.scenario().accessKey().secret(), "no-token")
                        .refusal(DescribeVSwitchesRequest::new, r -> {}));
    }

    @Test
    void sameClientTokenMakesOneInterface() {
        String first = create("t1").getNetworkInterfaceId();
        assertEquals(first, create("t1").getNetworkInterfaceId());
        assertNotEquals(first, create("t2").getNetworkInterfaceId());
        assertEquals("IdempotentParameterMismatch", sdk.refusal(CreateNetworkInterfaceRequest::new, r -> {
            r.setVSwitchId(PODS);
            r.setSecurityGroupId("sg-bp1lab");
            r.setClientToken("t1");
        }));
    }

    @Test
    void throttledActionComesBackInTheNextMinute() {
        sdk.call(new DescribeInstancesRequest(), r -> {});
        assertEquals("Throttling.User", sdk.refusal(DescribeInstancesRequest::new, r -> {}));
        clock.advance(Duration.ofMinutes(1));
        assertEquals(
                1,
                sdk.call(new DescribeInstancesRequest(), r -> r.setInstanceIds("[\"" + NODE + "\",\"i-x\"]"))
                        .getInstances()
                        .size());
    }

    @Test
    void pagesByTokenVisitEveryInterfaceOnce() {
        for (int i = 0; i < 25; i++) {
            create("t" + i);
        }
        DescribeNetworkInterfacesRequest request = new DescribeNetworkInterfacesRequest();
        var first = sdk.call(request, r -> r.setMaxResults(10));
        var second = sdk.call(new DescribeNetworkInterfacesRequest(), r -> {
            r.setMaxResults(10);
            r.setNextToken(first.getNextToken());
        });
        var third = sdk.call(new DescribeNetworkInterfacesRequest(), r -> {
            r.setMaxResults(10);
            r.setNextToken(second.getNextToken());
        });
        assertEquals(7, third.getNetworkInterfaceSets().size());
        assertEquals("", third.getNextToken());
        assertEquals(
                27, sdk.call(new DescribeNetworkInterfacesRequest(), r -> {}).getTotalCount());
    }

    @Test
    void limitsAndVSwitchesAreDescribedAsTheyAreEnforced() {
        var type = sdk.call(new DescribeInstanceTypesRequest(), r -> r.setInstanceTypess(List.of("ecs.g7.xlarge")))
                .getInstanceTypes()
                .getFirst();
        assertEquals(4, type.getEniQuantity());
        assertEquals(15, type.getEniPrivateIpAddressQuantity());
        create("t1");
        var vSwitch = sdk.call(new DescribeVSwitchesRequest(), r -> r.setVSwitchId(PODS))
                .getVSwitches()
                .getFirst();
        assertEquals(4092 - 3, vSwitch.getAvailableIpAddressCount());
        assertEquals("cn-hangzhou-h", vSwitch.getZoneId());
    }

    @Test
    void ipv6AddressesArePlainStringsInTheirAnswer() {
        String eni = create("t1").getNetworkInterfaceId();
        var given = sdk.call(new AssignIpv6AddressesRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setIpv6AddressCount(2);
        });
        assertEquals(List.of("2408:4005:3aa:7a40::1", "2408:4005:3aa:7a40::2"), given.getIpv6Sets());
        assertEquals(2, describe(eni).getFirst().getIpv6Sets().size());
    }

    @Test
    void groupsRulesAndTagsAreKept() {
        String eni = create("t1").getNetworkInterfaceId();
        String group = sdk.call(new CreateSecurityGroupRequest(), r -> r.setVpcId("vpc-bp1lab"))
                .getSecurityGroupId();
        AuthorizeSecurityGroupRequest.Permissions rule = new AuthorizeSecurityGroupRequest.Permissions();
        rule.setIpProtocol("TCP");
        rule.setPortRange("80/443");
        rule.setSourceCidrIp("10.0.0.0/8");
        for (int i = 0; i < 2; i++) {
            sdk.call(new AuthorizeSecurityGroupRequest(), r -> {
                r.setSecurityGroupId(group);
                r.setPermissions(List.of(rule));
            });
        }
        var rules = sdk.call(new DescribeSecurityGroupAttributeRequest(), r -> r.setSecurityGroupId(group))
                .getPermissions();
        assertEquals(1, rules.size());
        assertEquals("80/443", rules.getFirst().getPortRange());
        sdk.call(new ModifyNetworkInterfaceAttributeRequest(), r -> {
            r.setNetworkInterfaceId(eni);
            r.setSecurityGroupIds(List.of(group));
        });
        assertEquals(List.of(group), describe(eni).getFirst().getSecurityGroupIds());
        TagResourcesRequest.Tag tag = new TagResourcesRequest.Tag();
        tag.setKey("op");
        tag.setValue("42");
        sdk.call(new TagResourcesRequest(), r -> {
            r.setResourceType("eni");
            r.setResourceIds(List.of(eni));
            r.setTags(List.of(tag));
        });
        assertEquals(
                2,
                sdk.call(new ListTagResourcesRequest(), r -> {
                            r.setResourceType("eni");
                            r.setResourceIds(List.of(eni));
                        })
                        .getTagResources()
                        .size());
    }

    @Test
    void routesToInstancesComeAndGo() {
        String id = sdk.call(new CreateRouteEntryRequest(), r -> {
                    r.setRouteTableId("vtb-bp1lab");
                    r.setDestinationCidrBlock("192.168.7.0/24");
                    r.setNextHopType("Instance");
                    r.setNextHopId(NODE);
                })
                .getRouteEntryId();
        assertEquals("Pending", route(id));
        clock.advance(Duration.ofSeconds(1));
        assertEquals("Available", route(id));
        assertEquals("RouterEntryConflict.Duplicated", sdk.refusal(CreateRouteEntryRequest::new, r -> {
            r.setRouteTableId("vtb-bp1lab");
            r.setDestinationCidrBlock("192.168.7.0/24");
            r.setNextHopId(NODE);
        }));
        sdk.call(new DeleteRouteEntryRequest(), r -> r.setRouteEntryId(id));
        clock.advance(Duration.ofSeconds(1));
        assertEquals("gone", route(id));
    }

    private String route(String id) {
        return sdk
                .call(new DescribeRouteEntryListRequest(), r -> {
                    r.setRouteTableId("vtb-bp1lab");
                    r.setRouteEntryType("Custom");
                })
                .getRouteEntrys()
                .stream()
                .filter(e -> e.getRouteEntryId().equals(id))
                .map(e -> e.getStatus())
                .findFirst()
                .orElse("gone");
    }
}
