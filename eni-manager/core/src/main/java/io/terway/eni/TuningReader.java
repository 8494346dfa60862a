package io.terway.eni;

import io.terway.eni.Tuning.Tag;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the keys of {@code eni_conf} that are eni-manager's, from parsed JSON: rate_limit, batch_config, cache_config,
 * resource_gc, vswitch_selection_policy, eni_tag_filter, eni_tag_block_list. Other keys are ipam-service's and not looked
 * at. One wrong value refuses the whole: what is in force stays.
 */
public final class TuningReader {

    private static final Map<String, List<Action>> QPS = Map.of(
            "eni_create_qps", List.of(Action.CREATE_NETWORK_INTERFACE),
            "eni_delete_qps", List.of(Action.DELETE_NETWORK_INTERFACE),
            "ip_assign_qps", List.of(Action.ASSIGN_PRIVATE_IP_ADDRESSES, Action.ASSIGN_IPV6_ADDRESSES),
            "ip_unassign_qps", List.of(Action.UNASSIGN_PRIVATE_IP_ADDRESSES, Action.UNASSIGN_IPV6_ADDRESSES));

    private static final double MAX_QPS = 10_000;
    private static final double SECONDS_PER_MINUTE = 60;

    private final Tuning defaults;
    private final List<String> problems = new ArrayList<>();

    private TuningReader(Tuning defaults) {
        this.defaults = defaults;
    }

    /** What became of reading. */
    public sealed interface Reading {

        record Accepted(Tuning tuning) implements Reading {}

        /** Each problem names key, value and limit. */
        record Refused(List<String> problems) implements Reading {
            public Refused {
                problems = List.copyOf(problems);
            }
        }
    }

    /** @param defaults what holds for keys that are not there */
    public static Reading read(Map<String, ?> eniConf, Tuning defaults) {
        return new TuningReader(defaults).read(eniConf);
    }

    private Reading read(Map<String, ?> conf) {
        Tuning.Rates rates = rates(object(conf, "rate_limit"));
        Map<String, ?> batch = object(conf, "batch_config");
        known("batch_config", batch, List.of("enable", "batch_size", "batch_interval_ms"));
        Map<String, ?> cache = object(conf, "cache_config");
        known("cache_config", cache, List.of("eni_cache_ttl_seconds", "ip_cache_ttl_seconds", "vpc_cache_ttl_seconds"));
        Map<String, ?> gc = object(conf, "resource_gc");
        Tuning tuning = new Tuning(
                rates,
                new Tuning.Batch(
                        flag(
                                "batch_config.enable",
                                batch.get("enable"),
                                defaults.batch().on()),
                        (int) number(
                                "batch_config.batch_size",
                                batch.get("batch_size"),
                                defaults.batch().size(),
                                1,
                                1_000),
                        Duration.ofMillis((long) number(
                                "batch_config.batch_interval_ms",
                                batch.get("batch_interval_ms"),
                                defaults.batch().interval().toMillis(),
                                0,
                                10_000))),
                new Tuning.Cache(
                        seconds(
                                "cache_config.eni_cache_ttl_seconds",
                                cache,
                                defaults.cache().instances(),
                                1,
                                86_400),
                        seconds(
                                "cache_config.ip_cache_ttl_seconds",
                                cache,
                                defaults.cache().addresses(),
                                1,
                                3_600),
                        seconds(
                                "cache_config.vpc_cache_ttl_seconds",
                                cache,
                                defaults.cache().vSwitches(),
                                1,
                                86_400)),
                new Tuning.Collection(
                        flag(
                                "resource_gc.enable",
                                gc.get("enable"),
                                defaults.collection().on()),
                        seconds(
                                "resource_gc.interval_seconds",
                                gc,
                                defaults.collection().apart(),
                                1,
                                86_400),
                        seconds(
                                "resource_gc.orphan_eni_ttl_seconds",
                                gc,
                                defaults.collection().ttl(),
                                60,
                                604_800)),
                policy(conf.get("vswitch_selection_policy")),
                new Tuning.TagRules(filter(conf), blocked(conf.get("eni_tag_block_list"))));
        return problems.isEmpty() ? new Reading.Accepted(tuning) : new Reading.Refused(problems);
    }

    /** Calls per second by the guide's names, per minute by the names of the API's actions. */
    private Tuning.Rates rates(Map<String, ?> limits) {
        Map<Action, Double> own = new EnumMap<>(Action.class);
        Optional<Integer> burst = Optional.empty();
        for (Map.Entry<String, ?> limit : limits.entrySet()) {
            String key = "rate_limit." + limit.getKey();
            List<Action> qps = QPS.get(limit.getKey());
            Optional<Action> action = Action.named(limit.getKey());
            if (qps != null) {
                double rate = number(key, limit.getValue(), 1, 0.01, MAX_QPS);
                qps.forEach(one -> own.putIfAbsent(one, rate));
            } else if (action.isPresent()) {
                own.put(action.get(), number(key, limit.getValue(), 1, 1, 600_000) / SECONDS_PER_MINUTE);
            } else if (limit.getKey().equals("burst_size")) {
                burst = Optional.of((int) number(key, limit.getValue(), 1, 1, 10_000));
            } else {
                problems.add("eni_conf." + key + " is not known; use "
                        + String.join(", ", QPS.keySet().stream().sorted().toList())
                        + ", burst_size, or the name of an API action with calls per minute");
            }
        }
        return defaults.rates().with(own, burst);
    }

    private VSwitchBook.Policy policy(Object value) {
        if (value == null || value.equals("")) {
            return defaults.vSwitchPolicy();
        }
        for (VSwitchBook.Policy policy : VSwitchBook.Policy.values()) {
            if (policy.name().equalsIgnoreCase(value.toString())) {
                return policy;
            }
        }
        problem("vswitch_selection_policy", value, "ordered, random or most");
        return defaults.vSwitchPolicy();
    }

    private Map<String, String> filter(Map<String, ?> conf) {
        Map<String, String> filter = new LinkedHashMap<>();
        object(conf, "eni_tag_filter").forEach((key, value) -> filter.put(key, String.valueOf(value)));
        if (filter.size() > 4) {
            problem("eni_tag_filter", filter.size() + " tags", "at most 4, as new ENIs carry them too");
        }
        return filter;
    }

    private List<Tag> blocked(Object value) {
        List<Tag> tags = new ArrayList<>();
        if (value == null) {
            return tags;
        }
        if (!(value instanceof List<?> list) || list.size() > 100) {
            problem("eni_tag_block_list", value, "a list of at most 100 objects with key and value");
            return tags;
        }
        for (Object entry : list) {
            if (entry instanceof Map<?, ?> tag && tag.get("key") instanceof String key && !key.isEmpty()) {
                tags.add(new Tag(key, tag.get("value") == null ? "" : String.valueOf(tag.get("value"))));
            } else {
                problem("eni_tag_block_list", entry, "an object with a key, and a value if one is meant");
            }
        }
        return tags;
    }

    private Map<String, ?> object(Map<String, ?> conf, String key) {
        Map<String, Object> entries = new LinkedHashMap<>();
        Object value = conf.get(key);
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, entry) -> entries.put(String.valueOf(name), entry));
        } else if (value != null) {
            problem(key, value, "an object");
        }
        return entries;
    }

    private void known(String path, Map<String, ?> object, List<String> keys) {
        for (String key : object.keySet()) {
            if (!keys.contains(key)) {
                problems.add("eni_conf." + path + "." + key + " is not known; use " + String.join(", ", keys));
            }
        }
    }

    private Duration seconds(String path, Map<String, ?> object, Duration otherwise, int low, int high) {
        Object value = object.get(path.substring(path.indexOf('.') + 1));
        return value == null ? otherwise : Duration.ofSeconds((long) number(path, value, low, low, high));
    }

    private boolean flag(String path, Object value, boolean otherwise) {
        if (value == null) {
            return otherwise;
        }
        if (!value.toString().equals("true") && !value.toString().equals("false")) {
            problem(path, value, "true or false");
            return otherwise;
        }
        return Boolean.parseBoolean(value.toString());
    }

    private double number(String path, Object value, double otherwise, double low, double high) {
        if (value == null) {
            return otherwise;
        }
        String text = value.toString();
        if (text.matches("[0-9]{1,9}(\\.[0-9]{1,6})?")) {
            double number = Double.parseDouble(text);
            if (number >= low && number <= high) {
                return number;
            }
        }
        problem(path, value, "a number from " + text(low) + " to " + text(high));
        return low;
    }

    private static String text(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    private void problem(String path, Object value, String wanted) {
        String shown = String.valueOf(value);
        problems.add("eni_conf." + path + " is '" + (shown.length() > 80 ? shown.substring(0, 80) + "..." : shown)
                + "'; it must be " + wanted);
    }
}
