package io.terway.eni.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.sim.rpc.RateLimits;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Wrong calls of every kind, correctly signed: the cloud's codes, never a failure of the twin, never half a change. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputProperties {

    private static final int CALLS = 1_500 * Integer.getInteger("test.scale", 1);

    private static final List<String> ACTIONS = List.of(
            "CreateNetworkInterface",
            "AttachNetworkInterface",
            "DetachNetworkInterface",
            "DeleteNetworkInterface",
            "DescribeNetworkInterfaces",
            "DescribeNetworkInterfaceAttribute",
            "ModifyNetworkInterfaceAttribute",
            "AssignPrivateIpAddresses",
            "UnassignPrivateIpAddresses",
            "AssignIpv6Addresses",
            "UnassignIpv6Addresses",
            "DescribeInstances",
            "DescribeInstanceTypes",
            "DescribeInstanceAttribute",
            "DescribeVSwitches",
            "CreateSecurityGroup",
            "DeleteSecurityGroup",
            "AuthorizeSecurityGroup",
            "RevokeSecurityGroupEgress",
            "ModifySecurityGroupRule",
            "DescribeSecurityGroups",
            "DescribeSecurityGroupAttribute",
            "TagResources",
            "UntagResources",
            "ListTagResources",
            "CreateRouteEntry",
            "DeleteRouteEntry",
            "DescribeRouteEntryList",
            "NoSuchAction");

    private static final List<String> NAMES = List.of(
            "NetworkInterfaceId",
            "NetworkInterfaceId.1",
            "InstanceId",
            "InstanceIds",
            "VSwitchId",
            "SecurityGroupId",
            "SecurityGroupIds",
            "SecurityGroupIds.1",
            "PrivateIpAddress.1",
            "PrivateIpAddress.2",
            "PrivateIpAddresses",
            "PrimaryIpAddress",
            "SecondaryPrivateIpAddressCount",
            "Ipv4Prefix.1",
            "Ipv4PrefixCount",
            "Ipv6Address.1",
            "Ipv6AddressCount",
            "Ipv6PrefixCount",
            "TrunkNetworkInstanceId",
            "InstanceType",
            "ClientToken",
            "MaxResults",
            "MaxResult",
            "NextToken",
            "PageNumber",
            "PageSize",
            "Tag.1.Key",
            "Tag.1.Value",
            "Tag.x.Key",
            "ResourceType",
            "ResourceId.1",
            "TagKey.1",
            "Permissions.1.IpProtocol",
            "Permissions.1.PortRange",
            "Permissions.1.SourceCidrIp",
            "Permissions.1.SourceGroupId",
            "Permissions.1.Priority",
            "IpProtocol",
            "PortRange",
            "DestCidrIp",
            "SecurityGroupRuleId",
            "RouteTableId",
            "DestinationCidrBlock",
            "NextHopId",
            "NextHopType",
            "NextHopList.1.NextHopId",
            "RouteEntryId",
            "VpcId",
            "Status",
            "DryRun",
            "RegionId",
            "Version",
            "Format",
            "QueueNumber",
            "DeleteOnRelease",
            "NetworkInterfaceName",
            "SecurityGroupType");

    private static final List<String> VALUES = List.of(
            "",
            " ",
            "0",
            "1",
            "-1",
            "99999999999999999999",
            "1.5",
            "true",
            "eni-x",
            "vsw-bp1pod-h",
            "sg-bp1lab",
            "i-bp1node00001",
            "10.0.64.1",
            "10.0.64.5",
            "10.0.0.256",
            "0.0.0.0",
            "::",
            "2408:4005:3aa:7a40::9",
            "10.0.64.0/28",
            "10.0.64.1/28",
            "[]",
            "[\"",
            "[\"i-1\"]",
            "a\u0000b",
            "é中😀",
            "%",
            "%n%s",
            "<x>&\"'",
            "x".repeat(5_000),
            "tcp",
            "all",
            "80/70",
            "1/65535",
            "Instance",
            "vtb-bp1lab",
            "2016-04-28",
            "XML",
            "Trunk",
            "vpc-bp1lab",
            "eni",
            "enterprise",
            "bm90LWEtY3Vyc29y",
            "acs:x");

    private final EcsSimulator twin = EcsSimulator.start(
            Scenario.standard(),
            Options.defaults().withLatencies(Latencies.none()).withRateLimits(RateLimits.unlimited()),
            VpcObserver.NONE);
    private final RawClient client = new RawClient(twin);

    @AfterAll
    void close() {
        client.close();
        twin.close();
    }

    @Test
    void everyCallGetsAnAnswerOfTheCloud() {
        Random random = new Random(1);
        for (int i = 0; i < CALLS; i++) {
            String action = pick(random, ACTIONS);
            Map<String, String> params = new TreeMap<>();
            for (int p = random.nextInt(8); p >= 0; p--) {
                params.put(pick(random, NAMES), pick(random, VALUES));
            }
            long before = twin.view().revision();
            HttpResponse<String> answer = client.call(action, params);
            String what = action + params + " -> " + answer.statusCode() + " " + answer.body();
            assertTrue(answer.statusCode() == 200 || answer.statusCode() / 100 == 4, what);
            if (answer.statusCode() != 200) {
                assertEquals(before, twin.view().revision(), what);
            }
        }
    }

    @Test
    void unsignedAndMangledRequestsAreRefused() {
        assertEquals(400, client.send("POST", "/", "").statusCode());
        assertEquals(400, client.send("POST", "/ecs/", "Action=%zz&Format=JSON").statusCode());
        assertEquals(403, client.send("PUT", "/", "Action=DescribeInstances").statusCode());
        assertEquals(413, client.send("POST", "/", "x".repeat(1 << 21)).statusCode());
        assertTrue(client.send("GET", "/", "a=b").body().startsWith("<?xml"));
    }

    private static String pick(Random random, List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
