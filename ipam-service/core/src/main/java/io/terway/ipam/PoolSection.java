package io.terway.ipam;

import java.time.Duration;

/** The keys of the configuration that size pools and spend ENI slots. */
final class PoolSection {

    private static final int MOST_ADDRESSES = 10_000;
    private static final int SECONDS_A_DAY = 86_400;

    private final ConfigFields conf;
    private final ConfigFields cni;
    private final EniConfig.Mode mode;
    private PoolTargets targets = EniConfig.DEFAULTS.pool();
    private int reservePercent;
    private Duration warmUpInterval = EniConfig.DEFAULTS.warmUpInterval();
    private boolean predict = true;

    PoolSection(ConfigFields conf, ConfigFields cni, EniConfig.Mode mode) {
        this.conf = conf;
        this.cni = cni;
        this.mode = mode;
        read();
    }

    PoolTargets targets() {
        return targets;
    }

    int reservePercent() {
        return reservePercent;
    }

    Duration warmUpInterval() {
        return warmUpInterval;
    }

    boolean predict() {
        return predict;
    }

    private void read() {
        PoolTargets defaults = EniConfig.DEFAULTS.pool();
        int max = size("max_pool_size", "eni_max_pool_size", defaults.max());
        int min = size("min_pool_size", "eni_min_pool_size", Math.min(defaults.min(), max));
        if (min > max) {
            conf.problem("min_pool_size", min, "at most max_pool_size (" + max + ")");
        }
        if (mode == EniConfig.Mode.VPC) {
            conf.without("VPC mode has no address pool", "max_pool_size", "min_pool_size");
        }
        ConfigFields policy = conf.object("ip_allocation_policy");
        boolean fullest = conf.choice(
                "eni_selection_policy", true, EniConfigReader.ordered("most_ips", true, "least_ips", false));
        fullest = policy.flag("prefer_eni_with_most_ips", fullest);
        reservePercent = policy.number("ip_reserve_percent", 0, 0, 100);
        policy.close();
        ConfigFields warmUp = conf.object("ip_warmup");
        boolean on = warmUp.flag("enable", true);
        warmUpInterval = Duration.ofSeconds(warmUp.number("warmup_interval_seconds", 60, 1, SECONDS_A_DAY));
        int batch = warmUp.number("warmup_batch_size", defaults.warmUpBatch(), 1, 1000);
        predict = warmUp.flag("predict", true);
        warmUp.close();
        int attached = Math.max(conf.number("pre_attach_eni_count", 0, 0, 100), conf.number("min_eni", 0, 0, 100));
        targets = new PoolTargets(Math.min(min, max), max, on, batch, idleTtl(), attached, fullest);
    }

    /** The ConfigMap wins; a CNI configuration that says otherwise is reported. */
    private int size(String key, String cniKey, int otherwise) {
        int fromCni = cni.number(cniKey, otherwise, 0, MOST_ADDRESSES);
        int size = conf.number(key, fromCni, 0, MOST_ADDRESSES);
        if (cni.has(cniKey) && conf.has(key) && size != fromCni) {
            conf.remark("eni_conf." + key + " " + size + " wins over " + cniKey + " " + fromCni + " of 10-terway.conf");
        }
        return size;
    }

    private Duration idleTtl() {
        ConfigFields gc = conf.object("resource_gc");
        boolean on = gc.flag("enable", true);
        // The guide writes it both inside resource_gc and beside it.
        int outside = conf.number("idle_ip_ttl_seconds", 300, 1, SECONDS_A_DAY);
        int seconds = gc.number("idle_ip_ttl_seconds", outside, 1, SECONDS_A_DAY);
        gc.number("interval_seconds", 300, 1, SECONDS_A_DAY);
        gc.number("orphan_eni_ttl_seconds", 600, 60, 604_800);
        gc.without("idle addresses are returned when they expire, without a timer", "interval_seconds");
        gc.close();
        return on ? Duration.ofSeconds(seconds) : Duration.ofDays(3650);
    }

    EniUse eniUse() {
        boolean trunk = conf.flag("trunk_on", false) | conf.flag("enable_eni_trunking", false);
        int trunks = conf.number("trunk_eni_count", 1, 0, 16);
        if (trunks > 1) {
            conf.remark("eni_conf.trunk_eni_count " + trunks + " is clamped to 1: an instance carries one trunk ENI");
        }
        ConfigFields capability = conf.object("eni_capability");
        boolean capable = capability.flag("trunk", true);
        int members = capability.number("member_adapters", 0, 0, 1000);
        capability.close();
        boolean off = !capable || conf.has("trunk_eni_count") && trunks == 0;
        if (off && mode == EniConfig.Mode.TRUNK) {
            conf.problem("eni_capability.trunk", capable, "true, and trunk_eni_count at least 1, in Trunk mode");
        }
        return new EniUse(
                trunk && !off,
                conf.choice("eni_cap_policy", true, EniConfigReader.ordered("prefer_trunk", true, "prefer_eni", false)),
                members,
                conf.number("max_eni", 0, 0, 100),
                conf.ratio("eni_cap_ratio", 1, 0, 1),
                conf.number("eni_cap_shift", 0, -100, 100),
                prefixes(),
                conf.choice("own_eni", true, EniConfigReader.ordered("required", true, "preferred", false)));
    }

    private boolean prefixes() {
        boolean on = conf.flag("enable_ip_prefix", false);
        conf.number("ipv4_prefix_count", 0, 0, 49);
        conf.number("ipv6_prefix_count", 0, 0, 1);
        conf.without("prefixes are counted by demand", "ipv4_prefix_count", "ipv6_prefix_count");
        return on;
    }
}
