package io.terway.eni.sim.refusal;

/** The cloud's error codes that the twin answers with, and their HTTP statuses (facts: ECS error tables). */
public enum ErrorCode {
    MISSING_PARAMETER("MissingParameter", 400),
    INVALID_PARAMETER("InvalidParameter", 400),
    PARAMETER_CONFLICT("InvalidParameter.Conflict", 400),
    UNSUPPORTED_METHOD("UnsupportedHTTPMethod", 403),
    REGION_NOT_FOUND("InvalidRegionId.NotFound", 404),
    ACCESS_KEY_NOT_FOUND("InvalidAccessKeyId.NotFound", 404),
    TOKEN_MALFORMED("InvalidSecurityToken.Malformed", 400),
    TOKEN_EXPIRED("InvalidSecurityToken.Expired", 400),
    SIGNATURE_MISMATCH("SignatureDoesNotMatch", 400),
    INCOMPLETE_SIGNATURE("IncompleteSignature", 400),
    NONCE_USED("SignatureNonceUsed", 400),
    TIMESTAMP_ILLEGAL("IllegalTimestamp", 400),
    TIMESTAMP_EXPIRED("InvalidTimeStamp.Expired", 400),
    THROTTLED("Throttling.User", 400),
    DRY_RUN("DryRunOperation", 400),
    IDEMPOTENT_MISMATCH("IdempotentParameterMismatch", 400),
    INTERNAL("InternalError", 500),
    SERVICE_UNAVAILABLE("ServiceUnavailable", 503),

    ENI_NOT_FOUND("InvalidEniId.NotFound", 404),
    ENI_STATE("InvalidOperation.InvalidEniState", 400),
    ENI_TYPE("InvalidOperation.InvalidEniType", 403),
    ENI_PRIMARY_DETACH("InvalidOperation.DetachPrimaryEniNotAllowed", 400),
    ENI_PER_INSTANCE("EniPerInstanceLimitExceeded", 403),
    ENI_QUOTA("MaxEniCountExceeded", 403),
    ENI_IPS_QUOTA("MaxEniPrivateIpsCountExceeded", 403),
    ENI_IPV6_QUOTA("MaxEniIpv6IpsCountExceeded", 403),
    IPV4_COUNT("InvalidOperation.Ipv4CountExceeded", 403),
    IPV6_COUNT("InvalidOperation.Ipv6CountExceeded", 403),
    ZONE_MISMATCH("InvalidOperation.AvailabilityZoneMismatch", 403),
    VPC_MISMATCH("InvalidOperation.VpcMismatch", 403),

    INSTANCE_NOT_FOUND("InvalidEcsId.NotFound", 404),
    INSTANCE_ID_NOT_FOUND("InvalidInstanceId.NotFound", 404),
    INSTANCE_STATE("InvalidOperation.InvalidEcsState", 400),
    INSTANCE_STATUS("IncorrectInstanceStatus", 403),

    VSWITCH_NOT_FOUND("InvalidVSwitchId.NotFound", 404),
    VSWITCH_EXHAUSTED("InvalidVSwitchId.IpNotEnough", 403),
    VSWITCH_IP_INVALID("InvalidVSwitchId.IpInvalid", 403),
    VSWITCH_NO_IPV6("InvalidVSwitch.Ipv6NotTurnOn", 403),
    IP_DUPLICATED("InvalidPrivateIpAddress.Duplicated", 400),
    IP_REPEATED("InvalidIp.IpRepeated", 403),
    IP_ADDRESS("InvalidIp.Address", 403),
    IP_ASSIGNED("InvalidIp.IpAssigned", 403),
    IP_UNASSIGNED("InvalidIp.IpUnassigned", 403),
    ENI_BUSY("Operation.Conflict", 403),

    GROUP_NOT_FOUND("InvalidSecurityGroupId.NotFound", 404),
    GROUP_CAPACITY("SecurityGroupInstanceLimitExceed", 403),
    GROUPS_PER_ENI("JoinedGroupLimitExceed", 400),
    GROUP_RULES("AuthorizationLimitExceed", 403),
    GROUP_IN_USE("DependencyViolation", 403),
    GROUP_QUOTA("QuotaExceed.SecurityGroup", 403),
    GROUP_NAME("InvalidSecurityGroupName.Malformed", 400),
    GROUP_RULE_NOT_FOUND("SecurityGroupRule.NotFound", 404),
    GROUP_RULE_V4("InvalidParam.Ipv6ProtocolConflictWithIpv4Address", 400),
    GROUP_RULE_V6("InvalidParam.Ipv4ProtocolConflictWithIpv6Address", 400),

    TAG_DUPLICATE("Duplicate.TagKey", 400),
    TAG_KEY("InvalidTagKey.Malformed", 400),
    TAG_VALUE("InvalidTagValue.Malformed", 400),
    TAG_QUOTA("QuotaExceed.Tags", 403),
    TAG_COUNT("NumberExceed.Tags", 400),
    RESOURCE_COUNT("NumberExceed.ResourceIds", 400),
    RESOURCE_NOT_FOUND("InvalidResourceId.NotFound", 404),
    RESOURCE_TYPE("InvalidResourceType.NotFound", 404),

    ROLE_ARN("InvalidParameter.RoleArn", 400),
    OIDC_TOKEN_INVALID("AuthenticationFail.OIDCToken.Invalid", 400),
    OIDC_TOKEN_EXPIRED("AuthenticationFail.OIDCToken.Expired", 400),

    VPC_NOT_FOUND("InvalidVpcId.NotFound", 404),
    ROUTE_TABLE_NOT_FOUND("InvalidRouteTableId.NotFound", 404),
    ROUTE_NOT_FOUND("InvalidRouteEntry.NotFound", 404),
    ROUTE_DUPLICATED("RouterEntryConflict.Duplicated", 400),
    ROUTE_CIDR("InvalidCIDRBlock.Malformed", 400),
    ROUTE_NEXT_HOP("InvalidNexthop.NotFound", 404),
    ROUTE_STATUS("IncorrectRouteEntryStatus", 400),
    ROUTE_QUOTA("QuotaExceeded.RouteEntry", 400),
    ROUTE_BUSY("TaskConflict", 400);

    private final String wireName;
    private final int status;

    ErrorCode(String wireName, int status) {
        this.wireName = wireName;
        this.status = status;
    }

    /** The code as clients match it. */
    public String wireName() {
        return wireName;
    }

    /** The HTTP status of an answer with this code. */
    public int status() {
        return status;
    }

    /** A refusal with this code; the message says which object and which value. */
    public Refusal refuse(String format, Object... values) {
        return new Refusal(this, values.length == 0 ? format : String.format(format, values));
    }
}
