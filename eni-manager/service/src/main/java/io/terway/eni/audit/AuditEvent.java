package io.terway.eni.audit;

import java.time.Instant;

/**
 * One mutating call to the cloud.
 *
 * @param action the API action
 * @param subject the object and the change, without secrets
 * @param outcome "ok" or the error code
 * @param millis how long the call took, waiting for its turn left out
 */
public record AuditEvent(Instant at, long term, String action, String subject, String outcome, long millis) {

    /** One line of JSON, without its line end: {@code at} and {@code event} first, as in every audit line of the house. */
    public String toJson() {
        return "{\"at\":\"" + at + "\",\"event\":\"cloud\",\"term\":" + term + ",\"action\":\"" + escape(action)
                + "\",\"subject\":\"" + escape(subject) + "\",\"outcome\":\"" + escape(outcome) + "\",\"millis\":"
                + millis + "}";
    }

    private static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> out.append('\\').append(c);
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }
}
