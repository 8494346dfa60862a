package io.terway.eni;

import java.util.Arrays;
import java.util.Optional;

/** A cloud API action we call, with what decides its pace and whether it may be repeated blindly. */
public enum Action {
    CREATE_NETWORK_INTERFACE("CreateNetworkInterface", true, true, 500),
    ATTACH_NETWORK_INTERFACE("AttachNetworkInterface", true, false, 500),
    DETACH_NETWORK_INTERFACE("DetachNetworkInterface", true, false, 400),
    DELETE_NETWORK_INTERFACE("DeleteNetworkInterface", true, false, 500),
    ASSIGN_PRIVATE_IP_ADDRESSES("AssignPrivateIpAddresses", true, true, 400),
    UNASSIGN_PRIVATE_IP_ADDRESSES("UnassignPrivateIpAddresses", true, false, 400),
    ASSIGN_IPV6_ADDRESSES("AssignIpv6Addresses", true, true, 400),
    UNASSIGN_IPV6_ADDRESSES("UnassignIpv6Addresses", true, false, 400),
    MODIFY_NETWORK_INTERFACE_ATTRIBUTE("ModifyNetworkInterfaceAttribute", true, false, 500),
    TAG_RESOURCES("TagResources", true, false, 500),
    UNTAG_RESOURCES("UntagResources", true, false, 500),
    CREATE_ROUTE_ENTRY("CreateRouteEntry", true, false, 300),
    DELETE_ROUTE_ENTRY("DeleteRouteEntry", true, false, 300),
    AUTHORIZE_SECURITY_GROUP("AuthorizeSecurityGroup", true, true, 300),
    AUTHORIZE_SECURITY_GROUP_EGRESS("AuthorizeSecurityGroupEgress", true, true, 300),
    REVOKE_SECURITY_GROUP("RevokeSecurityGroup", true, true, 300),
    REVOKE_SECURITY_GROUP_EGRESS("RevokeSecurityGroupEgress", true, true, 300),
    DESCRIBE_NETWORK_INTERFACES("DescribeNetworkInterfaces", false, false, 800),
    DESCRIBE_INSTANCES("DescribeInstances", false, false, 500),
    DESCRIBE_INSTANCE_TYPES("DescribeInstanceTypes", false, false, 400),
    DESCRIBE_V_SWITCHES("DescribeVSwitches", false, false, 300),
    DESCRIBE_ROUTE_TABLE_LIST("DescribeRouteTableList", false, false, 300),
    DESCRIBE_ROUTE_ENTRY_LIST("DescribeRouteEntryList", false, false, 300),
    DESCRIBE_SECURITY_GROUPS("DescribeSecurityGroups", false, false, 300),
    DESCRIBE_SECURITY_GROUP_ATTRIBUTE("DescribeSecurityGroupAttribute", false, false, 300);

    private final String apiName;
    private final boolean mutating;
    private final boolean clientToken;
    private final int callsPerMinute;

    Action(String apiName, boolean mutating, boolean clientToken, int callsPerMinute) {
        this.apiName = apiName;
        this.mutating = mutating;
        this.clientToken = clientToken;
        this.callsPerMinute = callsPerMinute;
    }

    /** The action of this name on the wire. */
    static Optional<Action> named(String apiName) {
        return Arrays.stream(values())
                .filter(action -> action.apiName.equals(apiName))
                .findFirst();
    }

    /** The action's name on the wire, and its label in metrics. */
    public String apiName() {
        return apiName;
    }

    public boolean mutating() {
        return mutating;
    }

    /**
     * True when the same call may be sent again after an unknown outcome: a read, or a call with a client token.
     * CreateRouteEntry has a token too, but a table takes no second call while the first goes on: it is looked for.
     */
    public boolean repeatable() {
        return !mutating || clientToken;
    }

    /** Calls per minute to start with; the values of Go Terway's client, as the cloud publishes none. */
    public int callsPerMinute() {
        return callsPerMinute;
    }
}
