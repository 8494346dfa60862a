package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ErrorCodesTest {

    private static final Map<Class<? extends CloudFailure>, List<String>> DOCUMENTED = documented();

    @Test
    void everyDocumentedCodeHasItsClass() {
        DOCUMENTED.forEach((type, codes) -> codes.forEach(code ->
                assertEquals(type, CloudFailure.of(code, "text").getClass(), () -> code + " is of another class")));
    }

    @Test
    void anUnknownCodeKeepsItsCodeAndMessage() {
        CloudFailure failure = CloudFailure.of("Something.New", "what it says");

        assertEquals(new Unrecognised("Something.New", "what it says"), failure);
    }

    @Test
    void aMissingCodeIsAnUnknownOutcome() {
        CloudFailure failure = CloudFailure.of(null, null);

        assertInstanceOf(OutcomeUnknown.class, failure);
    }

    @Test
    void quotasTellWhoseTheyAre() {
        assertEquals(Scope.INSTANCE, scope("EniPerInstanceLimitExceeded"));
        assertEquals(Scope.ACCOUNT, scope("MaxEniCountExceeded"));
        assertEquals(Scope.ENI, scope("InvalidOperation.Ipv4CountExceeded"));
        assertEquals(Scope.SECURITY_GROUP, scope("SecurityGroupInstanceLimitExceed"));
        assertEquals(Scope.TAGS, scope("QuotaExceed.Tags"));
    }

    private static Scope scope(String code) {
        return assertInstanceOf(QuotaReached.class, CloudFailure.of(code, "")).scope();
    }

    /** The table of facts on error codes, row by row. */
    private static Map<Class<? extends CloudFailure>, List<String>> documented() {
        Map<Class<? extends CloudFailure>, List<String>> table = new LinkedHashMap<>();
        table.put(Throttled.class, List.of("Throttling", "Throttling.User", "Throttling.Api"));
        table.put(
                Transient.class,
                List.of(
                        "InternalError",
                        "ServiceUnavailable",
                        "ServiceUnavailable.RegionMaintaining",
                        "UnknownError",
                        "SignatureNonceUsed",
                        "SDK.EndpointResolvingError",
                        "SDK.NotConnected"));
        table.put(OutcomeUnknown.class, List.of("SDK.ServerUnreachable", "SDK.ReadTimeout", ""));
        table.put(
                Busy.class,
                List.of(
                        "Operation.Conflict",
                        "OperationConflict",
                        "IdempotentProcessing",
                        "LastTokenProcessing",
                        "DependencyViolation",
                        "IncorrectRouteEntryStatus",
                        "IncorrectVpcStatus",
                        "TaskConflict"));
        table.put(
                TokenBurnt.class,
                List.of("IdempotentParameterMismatch", "InvalidIdempotenceParameter.Mismatch", "IdempotentFailed"));
        table.put(VSwitchExhausted.class, List.of("InvalidVSwitchId.IpNotEnough", "QuotaExceeded.PrivateIpAddress"));
        table.put(
                QuotaReached.class,
                List.of(
                        "EniPerInstanceLimitExceeded",
                        "MaxEniCountExceeded",
                        "InvalidOperation.Ipv4CountExceeded",
                        "InvalidOperation.Ipv6CountExceeded",
                        "MaxEniPrivateIpsCountExceeded",
                        "MaxEniIpv6IpsCountExceeded",
                        "SecurityGroupInstanceLimitExceed",
                        "SecurityGroupInstanceLimitExceeded",
                        "JoinedGroupLimitExceed",
                        "InstanceSecurityGroupLimitExceeded",
                        "AuthorizationLimitExceed",
                        "AclLimitExceed",
                        "QuotaExceed.SecurityGroup",
                        "OperationDenied.QuotaExceed",
                        "QuotaExceed.Tags",
                        "NumberExceed.ResourceIds",
                        "QuotaExceeded.RouteEntry"));
        table.put(
                WrongState.class,
                List.of(
                        "InvalidOperation.InvalidEniState",
                        "InvalidOperation.InvalidEcsState",
                        "IncorrectInstanceStatus"));
        table.put(
                NotFound.class,
                List.of(
                        "InvalidEniId.NotFound",
                        "InvalidEcsId.NotFound",
                        "InvalidInstanceId.NotFound",
                        "InvalidVSwitchId.NotFound",
                        "InvalidSecurityGroupId.NotFound",
                        "InvalidRouteTableId.NotFound"));
        table.put(
                AlreadyThere.class,
                List.of(
                        "InvalidIp.IpAssigned",
                        "InvalidPrivateIpAddress.Duplicated",
                        "InvalidIp.IpRepeated",
                        "RouterEntryConflict.Duplicated"));
        table.put(AlreadyGone.class, List.of("InvalidIp.IpUnassigned"));
        table.put(
                NotOurs.class,
                List.of("InvalidOperation.EniServiceManaged", "InvalidOperation.ResourceManagedByCloudProduct"));
        table.put(
                Forbidden.class,
                List.of(
                        "Forbidden.RAM",
                        "Forbidden.Unauthorized",
                        "Forbidden.SubUser",
                        "Forbidden.NotSupportRAM",
                        "Forbedden.NotSupportRAM",
                        "Forbbiden.SubUser",
                        "NoPermission",
                        "NoPermission.Tag",
                        "InvalidAccessKeyId.NotFound",
                        "Forbidden.AccessKeyDisabled",
                        "InvalidSecurityToken.Expired",
                        "InvalidSecurityToken.Malformed",
                        "SignatureDoesNotMatch",
                        "IncompleteSignature",
                        "IllegalTimestamp",
                        "InvalidTimeStamp.Expired",
                        "InsufficientBalance",
                        "Abs.InvalidAccount.NotFound",
                        "SDK.InvalidAccessKeySecret"));
        table.put(
                Invalid.class,
                List.of(
                        "InvalidVSwitchId.IpInvalid",
                        "InvalidOperation.InvalidEniType",
                        "InvalidOperation.DetachPrimaryEniNotAllowed",
                        "InvalidSecurityGroupId.NotVpc",
                        "InvalidOperation.VpcMismatch",
                        "InvalidOperation.AvailabilityZoneMismatch",
                        "MissingParameter",
                        "MissingParameter.VSwitchId",
                        "InvalidParameter",
                        "InvalidParameter.Conflict",
                        "InvalidParamater",
                        "UnsupportedParameter",
                        "InvalidRegionId.MalFormed",
                        "InvalidAction",
                        "UnsupportedHTTPMethod",
                        "InvalidIp.Address"));
        table.put(DryRunPassed.class, List.of("DryRunOperation"));
        return table;
    }
}
