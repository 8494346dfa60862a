package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code eni_conf} and the terway entry of {@code 10-terway.conf}, both as parsed JSON. The keys are those of the guide
 * (chapters 1 to 8) and of the existing Terway; each has its effect, or is remarked as having none, or is refused by name.
 */
public final class EniConfigReader {

    private static final int MOST_ADDRESSES = 10_000;
    private static final String ELSEWHERE = "eni-manager and the parts have their own settings for it";
    private static final Map<String, EniConfig.Mode> MODES = ordered(
            "ENIIP", EniConfig.Mode.ENIIP,
            "ENI", EniConfig.Mode.ENI,
            "Trunk", EniConfig.Mode.TRUNK,
            "VPC", EniConfig.Mode.VPC,
            "Trunking", EniConfig.Mode.TRUNK,
            "ENI 独占", EniConfig.Mode.ENI);
    private static final Map<String, EniConfig.VirtualType> TYPES =
            ordered("IPVlan", EniConfig.VirtualType.IPVLAN, "Veth", EniConfig.VirtualType.VETH);
    private static final Map<String, EniConfig.Stack> STACKS =
            ordered("ipv4", EniConfig.Stack.IPV4, "dual", EniConfig.Stack.DUAL, "ipv6", EniConfig.Stack.IPV6);

    private final List<String> problems = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final ConfigFields conf;
    private final ConfigFields cni;

    private EniConfigReader(Map<String, Object> eniConf, Map<String, Object> cniConf) {
        conf = new ConfigFields("eni_conf.", eniConf, problems, remarks);
        cni = new ConfigFields("10-terway.conf.", cniConf, problems, remarks);
    }

    /**
     * Reads both objects.
     *
     * @param eniConf the JSON object of eni_conf
     * @param cniConf the terway entry of 10-terway.conf or 10-terway.conflist; empty when there is none
     */
    public static ConfigReading read(Map<String, Object> eniConf, Map<String, Object> cniConf) {
        return new EniConfigReader(eniConf, cniConf).read();
    }

    private ConfigReading read() {
        EniConfig defaults = EniConfig.DEFAULTS;
        EniConfig.Mode mode = conf.choice("network_mode", defaults.mode(), MODES);
        boolean trunkOn = conf.flag("trunk_on", false) | conf.flag("enable_eni_trunking", false);
        if (trunkOn && mode == EniConfig.Mode.ENIIP) {
            conf.remark("eni_conf.enable_eni_trunking is accepted and has no effect yet in ENIIP mode");
        }
        EniConfig config = new EniConfig(
                mode,
                both("eniip_virtual_type", defaults.virtualType(), TYPES),
                both("ip_stack", defaults.stack(), STACKS),
                serviceCidrs(),
                cni.list("host_stack_cidrs", 64, "a CIDR", Cidr::parse),
                vSwitches(),
                vSwitchOrder(),
                groups(),
                tags(),
                conf.text("resource_group_id").orElse(""),
                pool(mode),
                reservePercent,
                warmUpInterval,
                cni.number("mtu", defaults.mtu(), 0, 8500),
                Duration.ofSeconds(conf.number("cool_down_seconds", 30, 0, 3600)),
                conf.choice("allocation", false, ordered("forwarded", false, "local", true)));
        if (mode != EniConfig.Mode.ENIIP) {
            conf.remark("eni_conf.network_mode " + mode + " is accepted and served as ENIIP until its mode is built");
        }
        withoutEffect();
        conf.close();
        cni.close();
        return problems.isEmpty() ? new ConfigReading.Accepted(config, remarks) : new ConfigReading.Refused(problems);
    }

    private int reservePercent;
    private Duration warmUpInterval = EniConfig.DEFAULTS.warmUpInterval();

    /** The ConfigMap's eni_conf wins over the CNI configuration. */
    private <T> T both(String key, T otherwise, Map<String, T> words) {
        T fromCni = cni.choice(key, otherwise, words);
        T value = conf.choice(key, fromCni, words);
        if (cni.has(key) && conf.has(key) && !value.equals(fromCni)) {
            conf.remark("eni_conf." + key + " " + value + " wins over 10-terway.conf, which says " + fromCni);
        }
        return value;
    }

    private List<Cidr> serviceCidrs() {
        List<Cidr> cidrs = conf.list("service_cidr", 2, "one CIDR per family", Cidr::parse);
        if (cidrs.size() == 2 && cidrs.get(0).family() == cidrs.get(1).family()) {
            conf.problem("service_cidr", cidrs, "at most one CIDR per family");
        }
        if (cidrs.isEmpty()) {
            conf.remark("eni_conf.service_cidr is not set; services are reached by the node's routes only");
        }
        return cidrs;
    }

    private Map<ZoneId, List<VSwitchId>> vSwitches() {
        Map<ZoneId, List<VSwitchId>> fromCni = vSwitches(cni, "eni_vswitches");
        Map<ZoneId, List<VSwitchId>> fromConf = vSwitches(conf, "vswitches");
        if (!fromConf.isEmpty() && !fromCni.isEmpty() && !fromConf.equals(fromCni)) {
            conf.remark("eni_conf.vswitches wins over eni_vswitches of 10-terway.conf, which differs");
        }
        Map<ZoneId, List<VSwitchId>> found = fromConf.isEmpty() ? fromCni : fromConf;
        if (found.isEmpty()) {
            conf.remark("eni_conf.vswitches is not set; each node uses the vSwitch of its primary ENI");
        }
        return found;
    }

    private static Map<ZoneId, List<VSwitchId>> vSwitches(ConfigFields fields, String key) {
        Map<ZoneId, List<VSwitchId>> byZone = new LinkedHashMap<>();
        ConfigFields zones = fields.object(key);
        for (String zone : fields.map(key).keySet()) {
            List<VSwitchId> ids = zones.list(zone, 50, "a vSwitch id", VSwitchId::new);
            try {
                byZone.put(new ZoneId(zone), List.copyOf(new LinkedHashSet<>(ids)));
            } catch (IllegalArgumentException e) {
                fields.problem(key, zone, "a zone for each key (" + e.getMessage() + ")");
            }
        }
        return byZone;
    }

    private EniConfig.VSwitchOrder vSwitchOrder() {
        return conf.choice(
                "vswitch_selection_policy",
                EniConfig.VSwitchOrder.ORDERED,
                ordered(
                        "ordered", EniConfig.VSwitchOrder.ORDERED,
                        "random", EniConfig.VSwitchOrder.RANDOM,
                        "most", EniConfig.VSwitchOrder.MOST));
    }

    private List<SecurityGroupId> groups() {
        Set<SecurityGroupId> all = new LinkedHashSet<>();
        all.addAll(conf.list("security_group", 10, "a security group id", SecurityGroupId::new));
        all.addAll(conf.list("security_groups", 10, "a security group id", SecurityGroupId::new));
        if (all.size() > 10) {
            conf.problem("security_groups", all.size() + " groups", "at most 10 with security_group");
        }
        if (all.isEmpty()) {
            conf.remark("eni_conf.security_group is not set; new ENIs get the groups of the primary ENI");
        }
        return List.copyOf(all);
    }

    private Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        conf.map("eni_tags").forEach((key, value) -> tags.put(key, String.valueOf(value)));
        if (tags.size() > 15) {
            conf.problem("eni_tags", tags.size() + " tags", "at most 15");
        }
        for (String key : tags.keySet()) {
            if (key.isEmpty() || key.length() > 64 || key.startsWith("aliyun") || key.startsWith("acs:")) {
                conf.problem("eni_tags", key, "keys of 1 to 64 characters that do not begin with aliyun or acs:");
            }
        }
        return tags;
    }

    private PoolTargets pool(EniConfig.Mode mode) {
        PoolTargets defaults = EniConfig.DEFAULTS.pool();
        int max = conf.number(
                "max_pool_size", cni.number("eni_max_pool_size", defaults.max(), 0, MOST_ADDRESSES), 0, MOST_ADDRESSES);
        int min = conf.number(
                "min_pool_size",
                cni.number("eni_min_pool_size", Math.min(defaults.min(), max), 0, MOST_ADDRESSES),
                0,
                MOST_ADDRESSES);
        if (min > max) {
            conf.problem("min_pool_size", min, "at most max_pool_size (" + max + ")");
        }
        if (mode == EniConfig.Mode.VPC) {
            conf.without("VPC mode has no address pool", "max_pool_size", "min_pool_size");
        }
        ConfigFields policy = conf.object("ip_allocation_policy");
        boolean fullest = conf.choice("eni_selection_policy", true, ordered("most_ips", true, "least_ips", false));
        fullest = policy.flag("prefer_eni_with_most_ips", fullest);
        reservePercent = policy.number("ip_reserve_percent", 0, 0, 100);
        policy.close();
        ConfigFields warmUp = conf.object("ip_warmup");
        boolean on = warmUp.flag("enable", true);
        warmUpInterval = Duration.ofSeconds(warmUp.number("warmup_interval_seconds", 60, 1, 86_400));
        int batch = warmUp.number("warmup_batch_size", defaults.warmUpBatch(), 1, 1000);
        warmUp.close();
        return new PoolTargets(
                Math.min(min, max), max, on, batch, idleTtl(), conf.number("pre_attach_eni_count", 0, 0, 100), fullest);
    }

    private Duration idleTtl() {
        ConfigFields gc = conf.object("resource_gc");
        boolean on = gc.flag("enable", true);
        int seconds = gc.number("idle_ip_ttl_seconds", 300, 1, 86_400);
        gc.number("interval_seconds", 300, 1, 86_400);
        gc.number("orphan_eni_ttl_seconds", 600, 60, 604_800);
        gc.without(
                "collection is driven by events; leaked ENIs are eni-manager's",
                "interval_seconds",
                "orphan_eni_ttl_seconds");
        gc.close();
        return on ? Duration.ofSeconds(seconds) : Duration.ofDays(3650);
    }

    private void withoutEffect() {
        if (!conf.text("version").orElse("1").equals("1")) {
            conf.problem("version", conf.text("version").orElse(""), "\"1\"");
        }
        conf.without("credentials are mounted into eni-manager only; remove them here", "access_key", "access_secret");
        conf.without(ELSEWHERE, "credential_path", "region_id", "rate_limit", "batch_config", "cache_config");
        conf.without(ELSEWHERE, "ha_config", "backoff_override", "kube_client_qps", "kube_client_burst", "prefix");
        conf.without("not built yet", "eni_cap_policy", "trunk_eni_count", "eni_capability", "eni_tag_filter");
        conf.without("not built yet", "eni_tag_block_list", "min_eni", "max_eni", "eni_cap_ratio", "eni_cap_shift");
        conf.without("not built yet", "extra_routes", "custom_stateful_workload_kinds", "enable_ip_prefix");
        conf.without("not built yet", "ipv4_prefix_count", "ipv6_prefix_count", "enable_patch_pod_ips");
        conf.without("ip_warmup and resource_gc do this", "ip_warm_up_size", "idle_ip_reclaim_after");
        conf.without("ip_warmup and resource_gc do this", "idle_ip_reclaim_interval", "idle_ip_reclaim_batch_size");
        conf.without("ip_warmup and resource_gc do this", "idle_ip_reclaim_jitter_factor", "ip_pool_sync_period");
        conf.without("allocation is always central with the agent's ledger", "ipam_type", "disable_device_plugin");
        conf.refused("enable_eip_pool", "EIPs of pods are not managed here");
        conf.refused("enable_eip_migrate", "EIPs of pods are not managed here");
        conf.refused("enable_erdma", "eRDMA devices are not managed here");
        cni.elsewhere("cniVersion", "name", "type", "eni_conf", "capabilities", "debug");
        cni.elsewhere("disable_host_peer", "vlan_strip_type", "auto_mtu", "bandwidth_mode");
        cni.elsewhere("enable_network_priority", "symmetric_routing", "veth_prefix");
        cni.elsewhere("symmetric_routing_config", "network_policy_provider", "cilium_args");
        cni.elsewhere("cilium_enable_hubble", "cilium_hubble_metrics", "policy_type");
        cni.elsewhere("cilium_hubble_listen_address", "cilium_hubble_metrics_server");
    }

    private static <T> Map<String, T> ordered(Object... pairs) {
        Map<String, T> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            @SuppressWarnings("unchecked")
            T value = (T) pairs[i + 1];
            map.put((String) pairs[i], value);
        }
        return map;
    }
}
