package io.terway.ipam;

import java.util.List;

/** What came of reading a configuration. */
public sealed interface ConfigReading {

    /**
     * Valid.
     *
     * @param config what it means
     * @param remarks keys accepted without effect, clamped values, missing recommended keys; for an event and the check
     */
    record Accepted(EniConfig config, List<String> remarks) implements ConfigReading {

        public Accepted {
            remarks = List.copyOf(remarks);
        }
    }

    /** Invalid; the last good configuration stays. Each problem names key, value and what is allowed. */
    record Refused(List<String> problems) implements ConfigReading {

        public Refused {
            problems = List.copyOf(problems);
        }
    }
}
