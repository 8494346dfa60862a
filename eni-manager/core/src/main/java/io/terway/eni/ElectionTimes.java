package io.terway.eni;

import java.time.Duration;
import java.util.Map;

/**
 * How leaders are elected, from {@code ha_config} of eni_conf.
 *
 * @param lease how long a renewal lasts
 * @param retry time between renewals, and between looks of a standby
 */
public record ElectionTimes(Duration lease, Duration retry) {

    /** The longest mutating call. It must not outlive the lease, so the lease must outlast it and two lost renewals. */
    public static final Duration LONGEST_CALL = Duration.ofSeconds(8);

    public static final ElectionTimes DEFAULTS = new ElectionTimes(Duration.ofSeconds(15), Duration.ofSeconds(3));

    public ElectionTimes {
        Duration least = LONGEST_CALL.plus(retry.multipliedBy(2));
        if (retry.compareTo(Duration.ofSeconds(1)) < 0 || lease.compareTo(least) < 0) {
            throw new IllegalArgumentException(
                    "eni_conf.ha_config: a lease of " + lease.toSeconds() + " s renewed every "
                            + retry.toSeconds() + " s leaves no time for a call of " + LONGEST_CALL.toSeconds()
                            + " s; lease_duration_seconds must be at least " + least.toSeconds()
                            + " and retry_period_seconds at least 1");
        }
    }

    /**
     * renew_deadline_seconds has no effect: a leader here stops by its lease alone, before any standby may start.
     *
     * @throws IllegalArgumentException naming key, value and limit
     */
    public static ElectionTimes read(Map<String, ?> eniConf) {
        if (!(eniConf.get("ha_config") instanceof Map<?, ?> ha)) {
            return DEFAULTS;
        }
        for (Object key : ha.keySet()) {
            switch (String.valueOf(key)) {
                case "leader_election", "lease_duration_seconds", "renew_deadline_seconds", "retry_period_seconds" -> {}
                default -> throw new IllegalArgumentException("eni_conf.ha_config." + key + " is not known");
            }
        }
        if ("false".equals(String.valueOf(ha.get("leader_election")))) {
            throw new IllegalArgumentException("eni_conf.ha_config.leader_election is 'false'; two replicas would both"
                    + " change the cloud. Run one replica with TERWAY_LEADER_ELECTION=false instead");
        }
        return new ElectionTimes(
                seconds(ha, "lease_duration_seconds", DEFAULTS.lease()),
                seconds(ha, "retry_period_seconds", DEFAULTS.retry()));
    }

    private static Duration seconds(Map<?, ?> ha, String key, Duration otherwise) {
        Object value = ha.get(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.toString().matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException(
                    "eni_conf.ha_config." + key + " is '" + value + "'; it must be a number of seconds up to 999");
        }
        return Duration.ofSeconds(Long.parseLong(value.toString()));
    }
}
