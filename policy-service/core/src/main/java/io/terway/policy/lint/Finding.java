package io.terway.policy.lint;

import io.terway.policy.PolicyId;
import java.util.Locale;

/**
 * One remark on one policy.
 *
 * @param where the part of it, as people write it; may be empty
 * @param text what is odd and what to do
 */
public record Finding(PolicyId policy, Kind kind, String where, String text) {

    /** What is odd. */
    public enum Kind {
        SELECTS_NOTHING,
        PEER_SELECTS_NOTHING,
        SHADOWED_RULE,
        DNS_FORGOTTEN,
        DNS_UDP_ONLY,
        NAMESPACE_LABEL_NAME,
        UNREADABLE;

        /** As programs see it. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
