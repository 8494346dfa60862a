package io.terway.eni;

/**
 * Why the cloud refused or did not answer, by the reaction it calls for. Built from an error code in one place only,
 * {@link #of}.
 */
public sealed interface CloudFailure {

    /** The cloud's code, or one of ours ("NotOurs", "Deadline"). Never null. */
    String code();

    /** For people. */
    String message();

    /** Flow control: back off, keep the token. */
    record Throttled(String code, String message) implements CloudFailure {}

    /** 5xx, or a transport failure before anything was sent. The call did not happen, or may be repeated by its token. */
    record Transient(String code, String message) implements CloudFailure {}

    /** The call may or may not have happened: look before repeating it. */
    record OutcomeUnknown(String code, String message) implements CloudFailure {}

    /** Another operation on the object is under way; soon over. */
    record Busy(String code, String message) implements CloudFailure {}

    /** The client token cannot be used again: look, then take a new one. */
    record TokenBurnt(String code, String message) implements CloudFailure {}

    /** The vSwitch (or the VPC) has no free address. */
    record VSwitchExhausted(String code, String message) implements CloudFailure {}

    /** A limit of {@code scope} is reached. */
    record QuotaReached(Scope scope, String code, String message) implements CloudFailure {}

    /** ENI or instance is in a state that does not allow the call: look, then decide. */
    record WrongState(String code, String message) implements CloudFailure {}

    record NotFound(String code, String message) implements CloudFailure {}

    /** What the call asks for exists already, here or elsewhere: compare. */
    record AlreadyThere(String code, String message) implements CloudFailure {}

    /** What the call takes away is not there: success after a look. */
    record AlreadyGone(String code, String message) implements CloudFailure {}

    /** Managed by somebody else; never touched. */
    record NotOurs(String code, String message) implements CloudFailure {}

    /** Permission, credentials, clock or account: nothing works before a person acts, or credentials are renewed. */
    record Forbidden(String code, String message) implements CloudFailure {}

    /** The request is wrong and will be wrong again. */
    record Invalid(String code, String message) implements CloudFailure {}

    /** A dry run went through. */
    record DryRunPassed(String code, String message) implements CloudFailure {}

    /** A code that is in no table of ours. */
    record Unrecognised(String code, String message) implements CloudFailure {}

    /** Whose limit a {@link QuotaReached} speaks of. */
    enum Scope {
        ACCOUNT,
        INSTANCE,
        ENI,
        SECURITY_GROUP,
        ROUTE_TABLE,
        TAGS
    }

    /** The class of a code of the ECS or VPC API, of the SDK, or of our transport. Messages are never parsed. */
    static CloudFailure of(String code, String message) {
        return ErrorCodes.classify(code == null ? "" : code, message == null ? "" : message);
    }
}
