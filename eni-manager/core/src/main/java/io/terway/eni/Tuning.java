package io.terway.eni;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a person may change while we run: rates, joining, how long answers are believed, collection, whose ENIs are ours. */
public record Tuning(
        Rates rates,
        Batch batch,
        Cache cache,
        Collection collection,
        VSwitchBook.Policy vSwitchPolicy,
        TagRules tagRules) {

    public static final Tuning DEFAULTS = new Tuning(
            new Rates(Map.of(), 20),
            new Batch(true, AssignCall.MAX_ADDRESSES, Duration.ofMillis(100)),
            new Cache(Duration.ofSeconds(300), Duration.ofSeconds(60), Duration.ofSeconds(600)),
            new Collection(true, Duration.ofSeconds(300), Duration.ofSeconds(600)),
            VSwitchBook.Policy.ORDERED,
            new TagRules(Map.of(), List.of()));

    /**
     * Calls per second at most; lowered by throttling, never raised above.
     *
     * @param perSecond of the actions that are not at their own default
     * @param burst calls that may go at once after a pause
     */
    public record Rates(Map<Action, Double> perSecond, int burst) {

        public Rates {
            perSecond = Map.copyOf(perSecond);
            if (burst < 1 || perSecond.values().stream().anyMatch(rate -> !(rate > 0))) {
                throw new IllegalArgumentException(
                        "a rate is above 0 and a burst at least 1, not " + perSecond + " and " + burst);
            }
        }

        public double of(Action action) {
            return perSecond.getOrDefault(action, action.callsPerMinute() / 60.0);
        }

        /** These, with others' own rates on top. */
        Rates with(Map<Action, Double> own, Optional<Integer> otherBurst) {
            Map<Action, Double> all = new HashMap<>(perSecond);
            all.putAll(own);
            return new Rates(all, otherBurst.orElse(burst));
        }
    }

    /**
     * Joining of assigns for one ENI.
     *
     * @param on false: each request is a call of its own, sent at once
     * @param size addresses of one call at most; more than the cloud takes is split
     */
    public record Batch(boolean on, int size, Duration interval) {

        public int perCall() {
            return Math.clamp(size, 1, AssignCall.MAX_ADDRESSES);
        }

        public Duration gathering() {
            return on ? interval : Duration.ZERO;
        }
    }

    /**
     * How long what the cloud said is believed.
     *
     * @param instances instances and their state
     * @param addresses our ENIs with their addresses: the pause between two listings
     * @param vSwitches vSwitches and their free addresses
     */
    public record Cache(Duration instances, Duration addresses, Duration vSwitches) {}

    /**
     * Collection of ENIs that nobody uses.
     *
     * @param apart least time between the two sightings that condemn one
     * @param ttl least age
     */
    public record Collection(boolean on, Duration apart, Duration ttl) {}

    /** A tag; an empty value stands for any. */
    public record Tag(String key, String value) {

        boolean on(Map<String, String> tags) {
            return value.isEmpty() ? tags.containsKey(key) : value.equals(tags.get(key));
        }
    }

    /**
     * Which of the ENIs with our cluster's tag are ours to change.
     *
     * @param filter tags that an ENI must carry; those we make carry them
     * @param blocked tags of ENIs that are never touched, beside {@link #ALWAYS_BLOCKED}
     */
    public record TagRules(Map<String, String> filter, List<Tag> blocked) {

        /** Other controllers' ENIs, whatever else they carry. */
        static final List<Tag> ALWAYS_BLOCKED = List.of(
                new Tag("creator", "alibabacloud-erdma-controller"),
                new Tag("terway.alibabacloud.com/excluded", "true"));

        public TagRules {
            filter = Map.copyOf(filter);
            blocked = List.copyOf(blocked);
        }

        public boolean manages(NetworkInterface eni) {
            Map<String, String> tags = eni.tags();
            return tags.entrySet().containsAll(filter.entrySet())
                    && blocked.stream().noneMatch(tag -> tag.on(tags))
                    && ALWAYS_BLOCKED.stream().noneMatch(tag -> tag.on(tags));
        }
    }
}
