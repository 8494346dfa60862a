package io.terway.ipam;

/** Keys that another part follows, that are accepted without effect, or that are refused by name. */
final class IgnoredKeys {

    private static final String ENI_MANAGER = "it is a setting of eni-manager (terway.* there)";
    private static final String EVENTS = "ip_warmup and resource_gc do this";

    private final ConfigFields conf;
    private final ConfigFields cni;
    private final ConfigFields map;

    IgnoredKeys(ConfigFields conf, ConfigFields cni, ConfigFields map) {
        this.conf = conf;
        this.cni = cni;
        this.map = map;
    }

    void read() {
        if (!conf.text("version").orElse("1").equals("1")) {
            conf.problem("version", conf.text("version").orElse(""), "\"1\"");
        }
        conf.elsewhere("access_key", "access_secret", "credential_path", "eni_tag_filter", "eni_tag_block_list");
        rateLimit();
        batch();
        cache();
        leaders();
        conf.without(ENI_MANAGER, "region_id", "backoff_override");
        conf.without("requests to the API server are paced by what changes", "kube_client_qps", "kube_client_burst");
        conf.without("policy programs carry pod addresses by themselves", "enable_patch_pod_ips");
        conf.without(EVENTS, "ip_warm_up_size", "idle_ip_reclaim_after", "idle_ip_reclaim_interval");
        conf.without(EVENTS, "idle_ip_reclaim_batch_size", "idle_ip_reclaim_jitter_factor", "ip_pool_sync_period");
        conf.without("allocation is always central with the agent's ledger", "ipam_type", "disable_device_plugin");
        conf.without("it is a label without meaning in the existing Terway, too", "prefix");
        conf.refused("enable_eip_pool", "EIPs of pods are not managed here");
        conf.refused("enable_eip_migrate", "EIPs of pods are not managed here");
        conf.refused("enable_erdma", "eRDMA devices are not managed here");
        cni.elsewhere("cniVersion", "name", "type", "eni_conf", "capabilities", "debug");
        cni.without("agents decide it by what the kernel can", "bandwidth_mode", "symmetric_routing_config");
        cni.without("links are always named cali...", "veth_prefix");
        cni.without("policy-service enforces policy", "network_policy_provider", "policy_type");
        cni.without("Cilium is chained by its own configuration", "cilium_args", "cilium_enable_hubble");
        cni.without("Cilium is chained by its own configuration", "cilium_hubble_metrics");
        cni.without("Cilium is chained by its own configuration", "cilium_hubble_listen_address");
        cni.without("Cilium is chained by its own configuration", "cilium_hubble_metrics_server");
        map.elsewhere("eni_conf", "10-terway.conf", "10-terway.conflist");
        map.without("there is no Felix here", "felix_relay_service");
        map.without("load balancers are reached like any Service", "in_cluster_loadbalance");
    }

    /** Followed by eni-manager: the guide's five a second, and calls a minute of single actions as in the existing Terway. */
    private void rateLimit() {
        ConfigFields limits = conf.object("rate_limit");
        for (String key :
                new String[] {"eni_create_qps", "eni_delete_qps", "ip_assign_qps", "ip_unassign_qps", "burst_size"}) {
            limits.ratio(key, 1, 0.01, 10_000);
        }
        conf.map("rate_limit").keySet().stream()
                .filter(action -> action.matches("[A-Z][A-Za-z0-9]{2,60}"))
                .forEach(action -> limits.ratio(action, 1, 0.01, 1_000_000));
        limits.close();
    }

    /** Followed by eni-manager. */
    private void batch() {
        ConfigFields batch = conf.object("batch_config");
        batch.flag("enable", true);
        batch.number("batch_size", 10, 1, 1000);
        batch.number("batch_interval_ms", 100, 0, 10_000);
        batch.close();
    }

    /** Followed by eni-manager. */
    private void cache() {
        ConfigFields cache = conf.object("cache_config");
        cache.number("eni_cache_ttl_seconds", 300, 1, 86_400);
        cache.number("ip_cache_ttl_seconds", 60, 1, 86_400);
        cache.number("vpc_cache_ttl_seconds", 600, 1, 86_400);
        cache.close();
    }

    /** Followed by eni-manager for its own Lease; ours keeps to what rule 3 relies on. */
    private void leaders() {
        ConfigFields ha = conf.object("ha_config");
        ha.flag("leader_election", true);
        ha.number("lease_duration_seconds", 15, 1, 3600);
        ha.number("renew_deadline_seconds", 10, 1, 3600);
        ha.number("retry_period_seconds", 2, 1, 3600);
        ha.close();
    }
}
