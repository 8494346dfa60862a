package io.terway.eni.sim.action;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.AccessKeys;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Params;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Temporary keys for a role. The twin has no RAM: every role may be assumed, and a token of an OIDC provider
 * is taken by its form and its expiry, not by its signature.
 */
final class StsActions {

    static final String BY_OIDC = "AssumeRoleWithOIDC";

    private static final String ACCOUNT = "1000000000000001";
    private static final Pattern ROLE = Pattern.compile("acs:ram::(\\d+):role/([A-Za-z0-9.@_-]{1,64})");
    private static final Pattern PROVIDER = Pattern.compile("acs:ram::\\d+:oidc-provider/[A-Za-z0-9._-]{1,128}");
    private static final Pattern SESSION = Pattern.compile("[A-Za-z0-9.@_-]{2,64}");
    private static final int SHORTEST = 900;
    private static final int LONGEST = 43_200;
    private static final int USUAL = 3_600;

    private StsActions() {}

    static List<Action> all(AccessKeys keys) {
        return List.of(
                Action.change("AssumeRole", call -> assume(keys, call)),
                Action.change(BY_OIDC, call -> assumeWithToken(keys, call)),
                Action.read("GetCallerIdentity", StsActions::identity));
    }

    private static Fields assume(AccessKeys keys, Call call) {
        Params params = call.params();
        Matcher role = role(params);
        String session = session(params);
        int seconds = params.integer("DurationSeconds", SHORTEST, LONGEST).orElse(USUAL);
        String fresh = call.cloud().ids().next("");
        Instant now = call.now().truncatedTo(ChronoUnit.SECONDS);
        AccessKeys.AccessKey key =
                keys.grant(role.group(2) + "/" + session + "/" + fresh, fresh, Duration.ofSeconds(seconds), now);
        call.cloud().noteChange();
        return Fields.of()
                .put(
                        "Credentials",
                        Fields.of()
                                .put("AccessKeyId", key.id())
                                .put("AccessKeySecret", key.secret())
                                .put("SecurityToken", key.token())
                                .put("Expiration", key.expires().toString()))
                .put(
                        "AssumedRoleUser",
                        Fields.of()
                                .put("AssumedRoleId", "300000000000000001:" + session)
                                .put(
                                        "Arn",
                                        "acs:ram::" + role.group(1) + ":assumed-role/" + role.group(2) + "/"
                                                + session));
    }

    private static Fields assumeWithToken(AccessKeys keys, Call call) {
        Params params = call.params();
        params.requiredValue("OIDCProviderArn", arn -> matched(PROVIDER, arn));
        String claims = claims(params.required("OIDCToken"));
        long expires = claim(claims, "\"exp\"\\s*:\\s*(\\d{1,12})")
                .map(Long::parseLong)
                .orElse(Long.MAX_VALUE);
        if (expires <= call.now().getEpochSecond()) {
            throw ErrorCode.OIDC_TOKEN_EXPIRED.refuse("This JSON Web Token has expired.");
        }
        return assume(keys, call)
                .put(
                        "OIDCTokenInfo",
                        Fields.of()
                                .put(
                                        "Issuer",
                                        claim(claims, "\"iss\"\\s*:\\s*\"([^\"]*)\"")
                                                .orElse(""))
                                .put(
                                        "Subject",
                                        claim(claims, "\"sub\"\\s*:\\s*\"([^\"]*)\"")
                                                .orElse("")));
    }

    private static Fields identity(Call call) {
        return Fields.of()
                .put("AccountId", ACCOUNT)
                .put("IdentityType", "RAMUser")
                .put("PrincipalId", ACCOUNT)
                .put("Arn", "acs:ram::" + ACCOUNT + ":user/twin");
    }

    private static Matcher role(Params params) {
        Matcher role = ROLE.matcher(params.required("RoleArn"));
        if (!role.matches()) {
            throw ErrorCode.ROLE_ARN.refuse("The parameter RoleArn is wrongly formed.");
        }
        return role;
    }

    private static String session(Params params) {
        return params.requiredValue("RoleSessionName", name -> matched(SESSION, name));
    }

    private static String matched(Pattern pattern, String text) {
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException(text);
        }
        return text;
    }

    /** The middle part of a JSON Web Token. */
    private static String claims(String token) {
        String[] parts = token.split("\\.", -1);
        try {
            if (parts.length == 3 && !parts[2].isEmpty()) {
                String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
                if (claims.strip().startsWith("{")) {
                    return claims;
                }
            }
        } catch (IllegalArgumentException e) {
            // Not base64: refused like every other form.
        }
        throw ErrorCode.OIDC_TOKEN_INVALID.refuse("The OIDCToken is not a JSON Web Token.");
    }

    private static Optional<String> claim(String claims, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(claims);
        return found.find() ? Optional.of(found.group(1)) : Optional.empty();
    }
}
