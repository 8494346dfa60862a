package io.terway.eni;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import java.util.List;

/** Which ENIs to list. */
public sealed interface EniQuery {

    /** Largest page. */
    int PAGE_SIZE = 500;

    /** Most ids in one query. */
    int MAX_IDS = 100;

    /** These, 1 to {@link #MAX_IDS}. */
    record ByIds(List<EniId> ids) implements EniQuery {
        public ByIds {
            ids = List.copyOf(ids);
            if (ids.isEmpty() || ids.size() > MAX_IDS) {
                throw new IllegalArgumentException("a query names 1 to " + MAX_IDS + " ENIs, not " + ids.size());
            }
        }
    }

    record OnInstance(InstanceId instance) implements EniQuery {}

    /** Those with this tag. {@code nextToken} of the page before, empty for the first. */
    record Tagged(String key, String value, String nextToken) implements EniQuery {}
}
