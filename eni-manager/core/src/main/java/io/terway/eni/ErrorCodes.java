package io.terway.eni;

import io.terway.eni.CloudFailure.AlreadyGone;
import io.terway.eni.CloudFailure.AlreadyThere;
import io.terway.eni.CloudFailure.Busy;
import io.terway.eni.CloudFailure.DryRunPassed;
import io.terway.eni.CloudFailure.Forbidden;
import io.terway.eni.CloudFailure.Invalid;
import io.terway.eni.CloudFailure.NotFound;
import io.terway.eni.CloudFailure.NotOurs;
import io.terway.eni.CloudFailure.OutcomeUnknown;
import io.terway.eni.CloudFailure.QuotaReached;
import io.terway.eni.CloudFailure.Scope;
import io.terway.eni.CloudFailure.Throttled;
import io.terway.eni.CloudFailure.TokenBurnt;
import io.terway.eni.CloudFailure.Transient;
import io.terway.eni.CloudFailure.Unrecognised;
import io.terway.eni.CloudFailure.VSwitchExhausted;
import io.terway.eni.CloudFailure.WrongState;
import java.util.List;

/** The one table from error code to failure class. Exact codes first, then families by prefix, then ".NotFound". */
final class ErrorCodes {

    /** Code of our transport for a connection that was never made, so that nothing was sent. */
    static final String NOT_CONNECTED = "SDK.NotConnected";

    private static final List<String> THROTTLED = List.of("Throttling");

    private static final List<String> TRANSIENT = List.of("ServiceUnavailable", "InternalError");

    /** With the misspellings that the API's own tables carry. */
    private static final List<String> FORBIDDEN = List.of(
            "Forbidden",
            "Forbedden",
            "Forbbiden",
            "NoPermission",
            "InvalidAccessKeyId",
            "InvalidSecurityToken",
            "InvalidTimeStamp",
            "Abs.InvalidAccount");

    private static final List<String> INVALID = List.of(
            "MissingParameter",
            "InvalidParameter",
            "InvalidParamater",
            "InvalidParamter",
            "InvalidParam.",
            "UnsupportedParameter",
            "InvalidRegionId",
            "InvalidTagKey",
            "InvalidTagValue",
            "InvalidVSwitch.");

    private static final List<String> TAG_QUOTA = List.of("QuotaExceed.Tags", "NumberExceed.Tags");
    private static final List<String> QUOTA = List.of("QuotaExceed", "NumberExceed", "OperationDenied.QuotaExceed");

    private ErrorCodes() {}

    static CloudFailure classify(String code, String message) {
        return switch (code) {
            case "UnknownError",
                    "SignatureNonceUsed",
                    "SDK.EndpointResolvingError",
                    "SDK.RequestTryOrRetryFailed",
                    NOT_CONNECTED -> new Transient(code, message);
            case "", "SDK.ServerUnreachable", "SDK.ReadTimeout" -> new OutcomeUnknown(code, message);
            case "Operation.Conflict",
                    "OperationConflict",
                    "IdempotentProcessing",
                    "LastTokenProcessing",
                    "DependencyViolation",
                    "IncorrectRouteEntryStatus",
                    "IncorrectVpcStatus",
                    "TaskConflict" -> new Busy(code, message);
            case "IdempotentParameterMismatch", "InvalidIdempotenceParameter.Mismatch", "IdempotentFailed" ->
                new TokenBurnt(code, message);
            case "InvalidVSwitchId.IpNotEnough", "QuotaExceeded.PrivateIpAddress" ->
                new VSwitchExhausted(code, message);
            case "InvalidOperation.InvalidEniState", "InvalidOperation.InvalidEcsState", "IncorrectInstanceStatus" ->
                new WrongState(code, message);
            case "InvalidIp.IpAssigned",
                    "InvalidPrivateIpAddress.Duplicated",
                    "InvalidIp.IpRepeated",
                    "RouterEntryConflict.Duplicated",
                    "InvalidInstanceId.AlreadyExists" -> new AlreadyThere(code, message);
            case "InvalidIp.IpUnassigned", "InstanceNotInSecurityGroup" -> new AlreadyGone(code, message);
            case "InvalidOperation.EniServiceManaged",
                    "InvalidOperation.ResourceManagedByCloudProduct",
                    "InvalidOperation.DeletionProtection" -> new NotOurs(code, message);
            case "DryRunOperation" -> new DryRunPassed(code, message);
            default -> quotaOrElse(code, message);
        };
    }

    private static CloudFailure quotaOrElse(String code, String message) {
        return switch (code) {
            case "EniPerInstanceLimitExceeded" -> new QuotaReached(Scope.INSTANCE, code, message);
            case "MaxEniCountExceeded" -> new QuotaReached(Scope.ACCOUNT, code, message);
            case "InvalidOperation.Ipv4CountExceeded",
                    "InvalidOperation.Ipv6CountExceeded",
                    "MaxEniPrivateIpsCountExceeded",
                    "MaxEniIpv6IpsCountExceeded",
                    "InvalidOperation.ExceedInstanceTypeQueueNumber" -> new QuotaReached(Scope.ENI, code, message);
            case "SecurityGroupInstanceLimitExceed",
                    "SecurityGroupInstanceLimitExceeded",
                    "JoinedGroupLimitExceed",
                    "InstanceSecurityGroupLimitExceeded",
                    "AuthorizationLimitExceed",
                    "AclLimitExceed" -> new QuotaReached(Scope.SECURITY_GROUP, code, message);
            case "QuotaExceeded.RouteEntry" -> new QuotaReached(Scope.ROUTE_TABLE, code, message);
            default -> refusalOrElse(code, message);
        };
    }

    private static CloudFailure refusalOrElse(String code, String message) {
        return switch (code) {
            case "SignatureDoesNotMatch",
                    "IncompleteSignature",
                    "IllegalTimestamp",
                    "SDK.InvalidAccessKeySecret",
                    "InsufficientBalance" -> new Forbidden(code, message);
            case "InvalidVSwitchId.IpInvalid",
                    "InvalidSecurityGroupId.NotVpc",
                    "InvalidOperation.VpcMismatch",
                    "InvalidOperation.AvailabilityZoneMismatch",
                    "AvailabilityZoneMismatch",
                    "InvalidOperation.InvalidEniType",
                    "InvalidOperation.DetachPrimaryEniNotAllowed",
                    "DetachPrimaryEniNotAllowed",
                    "InvalidOperation.Ipv6NotSupport",
                    "InvalidIp.Address",
                    "InvalidAction",
                    "UnsupportedHTTPMethod",
                    "Duplicate.TagKey",
                    "InstanceLastSecurityGroup",
                    "SDK.InvalidProfile" -> new Invalid(code, message);
            default -> byFamily(code, message);
        };
    }

    private static CloudFailure byFamily(String code, String message) {
        if (startsWithAny(code, THROTTLED)) {
            return new Throttled(code, message);
        }
        if (startsWithAny(code, TRANSIENT)) {
            return new Transient(code, message);
        }
        if (startsWithAny(code, FORBIDDEN)) {
            return new Forbidden(code, message);
        }
        if (startsWithAny(code, TAG_QUOTA)) {
            return new QuotaReached(Scope.TAGS, code, message);
        }
        if (startsWithAny(code, QUOTA)) {
            return new QuotaReached(Scope.ACCOUNT, code, message);
        }
        if (startsWithAny(code, INVALID)) {
            return new Invalid(code, message);
        }
        return code.endsWith(".NotFound") ? new NotFound(code, message) : new Unrecognised(code, message);
    }

    private static boolean startsWithAny(String code, List<String> prefixes) {
        return prefixes.stream().anyMatch(code::startsWith);
    }
}
