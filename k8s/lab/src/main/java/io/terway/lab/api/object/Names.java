package io.terway.lab.api.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The name and label rules of Kubernetes (RFC 1123, RFC 1035, qualified names). Each answers the broken rule. */
public final class Names {

    private static final Pattern LABEL_1123 = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern LABEL_1035 = Pattern.compile("[a-z]([-a-z0-9]*[a-z0-9])?");
    private static final Pattern SUBDOMAIN =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final Pattern QUALIFIED = Pattern.compile("([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]");

    private Names() {}

    /** What a resource's names must look like. */
    public enum Rule {
        SUBDOMAIN,
        LABEL,
        LABEL_1035,
        PATH_SEGMENT
    }

    /** Empty when {@code name} keeps the rule, else the rule in words. */
    public static Optional<String> broken(Rule rule, String name) {
        return switch (rule) {
            case SUBDOMAIN ->
                unless(
                        name.length() <= 253 && SUBDOMAIN.matcher(name).matches(),
                        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
                                + " and must start and end with an alphanumeric character, at most 253 characters");
            case LABEL ->
                unless(
                        name.length() <= 63 && LABEL_1123.matcher(name).matches(),
                        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must"
                                + " start and end with an alphanumeric character, at most 63 characters");
            case LABEL_1035 ->
                unless(
                        name.length() <= 63 && LABEL_1035.matcher(name).matches(),
                        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an"
                                + " alphabetic character, and end with an alphanumeric character, at most 63"
                                + " characters");
            case PATH_SEGMENT ->
                unless(
                        !name.isEmpty()
                                && name.length() <= 253
                                && !name.equals(".")
                                && !name.equals("..")
                                && name.indexOf('/') < 0
                                && name.indexOf('%') < 0,
                        "may not be '.' or '..' and may not contain '/' or '%'");
        };
    }

    /** Checks a labels object; empty when every key and value keeps the rules. */
    public static Optional<String> brokenLabels(JsonNode labels) {
        for (Map.Entry<String, JsonNode> entry : labels.properties()) {
            String value = entry.getValue().asText();
            if (!qualified(entry.getKey())) {
                return Optional.of("\"" + entry.getKey()
                        + "\": name part must consist of alphanumeric characters, '-', '_' or '.', at most 63"
                        + " characters, after an optional DNS subdomain prefix and '/'");
            }
            if (value.length() > 63
                    || !value.isEmpty() && !QUALIFIED.matcher(value).matches()) {
                return Optional.of("\"" + value
                        + "\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_'"
                        + " or '.', and must start and end with an alphanumeric character, at most 63 characters");
            }
        }
        return Optional.empty();
    }

    /** True for {@code name} or {@code prefix/name} as label and annotation keys and finalizers are written. */
    public static boolean qualified(String key) {
        int slash = key.indexOf('/');
        String name = key.substring(slash + 1);
        boolean prefixed = slash < 0
                || slash <= 253
                        && SUBDOMAIN
                                .matcher(key.substring(0, slash).toLowerCase(java.util.Locale.ROOT))
                                .matches();
        return prefixed && name.length() <= 63 && QUALIFIED.matcher(name).matches();
    }

    private static Optional<String> unless(boolean holds, String rule) {
        return holds ? Optional.empty() : Optional.of(rule);
    }
}
