package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Reads {@code eni_conf} and the terway entry of {@code 10-terway.conf}, both as parsed JSON. The keys are those of the guide
 * (chapters 1 to 8) and of the existing Terway; each has its effect, or is remarked as having none, or is refused by name.
 */
public final class EniConfigReader {

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
    private final ConfigFields map;

    private EniConfigReader(Map<String, Object> eniConf, Map<String, Object> cniConf, Map<String, Object> configMap) {
        conf = new ConfigFields("eni_conf.", eniConf, problems, remarks);
        cni = new ConfigFields("10-terway.conf.", cniConf, problems, remarks);
        map = new ConfigFields("", configMap, problems, remarks);
    }

    /**
     * Reads both objects.
     *
     * @param eniConf the JSON object of eni_conf
     * @param cniConf the terway entry of 10-terway.conf or 10-terway.conflist; empty when there is none
     */
    public static ConfigReading read(Map<String, Object> eniConf, Map<String, Object> cniConf) {
        return read(eniConf, cniConf, Map.of());
    }

    /**
     * Reads a whole ConfigMap.
     *
     * @param configMap the keys beside eni_conf and the CNI configurations
     */
    public static ConfigReading read(
            Map<String, Object> eniConf, Map<String, Object> cniConf, Map<String, Object> configMap) {
        return new EniConfigReader(eniConf, cniConf, configMap).read();
    }

    /** Every key that is known, with the object it belongs to, as {@code eni_conf.network_mode}. */
    public static SortedSet<String> knownKeys() {
        var reader = new EniConfigReader(Map.of(), Map.of(), Map.of());
        reader.read();
        var keys = new TreeSet<String>();
        keys.addAll(reader.conf.knownKeys());
        keys.addAll(reader.cni.knownKeys());
        keys.addAll(reader.map.knownKeys());
        return keys;
    }

    private ConfigReading read() {
        EniConfig defaults = EniConfig.DEFAULTS;
        EniConfig.Mode mode = conf.choice("network_mode", defaults.mode(), MODES);
        var pool = new PoolSection(conf, cni, mode);
        var datapath = new DatapathSection(conf, cni, map);
        EniConfig config = new EniConfig(
                mode,
                both("eniip_virtual_type", defaults.virtualType(), TYPES),
                both("ip_stack", defaults.stack(), STACKS),
                vSwitches(),
                vSwitchOrder(),
                groups(),
                tags(),
                conf.text("resource_group_id").orElse(""),
                pool.targets(),
                pool.reservePercent(),
                pool.warmUpInterval(),
                pool.predict(),
                pool.eniUse(),
                podCidrs(),
                datapath.read(),
                Duration.ofSeconds(conf.number("cool_down_seconds", 30, 0, 3600)),
                conf.choice("allocation", false, ordered("forwarded", false, "local", true)),
                new HashSet<>(conf.list(
                        "custom_stateful_workload_kinds",
                        20,
                        "kinds of workloads, as CloneSet",
                        EniConfigReader::kind)));
        consistent(config);
        new IgnoredKeys(conf, cni, map).read();
        conf.close();
        cni.close();
        map.remarkUnknown("the ConfigMap");
        return problems.isEmpty() ? new ConfigReading.Accepted(config, remarks) : new ConfigReading.Refused(problems);
    }

    private void consistent(EniConfig config) {
        for (Cidr service : config.datapath().serviceCidrs()) {
            for (Cidr pods : config.podCidrs().cluster()) {
                if (service.overlaps(pods)) {
                    conf.problem("service_cidr", service, "clear of pod_cidr (" + pods + ")");
                }
            }
        }
        if (config.mode() != EniConfig.Mode.ENIIP && conf.has("eniip_virtual_type")) {
            conf.remark("eni_conf.eniip_virtual_type is accepted and has no effect in " + config.mode() + " mode");
        }
        if (config.mode() != EniConfig.Mode.ENIIP && config.eniUse().prefixes()) {
            conf.remark("eni_conf.enable_ip_prefix is accepted and has no effect in " + config.mode() + " mode");
        }
        if (config.mode() != EniConfig.Mode.VPC && conf.has("pod_cidr")) {
            conf.remark("eni_conf.pod_cidr is accepted and has no effect in " + config.mode() + " mode");
        }
    }

    private PodCidrs podCidrs() {
        List<Cidr> cluster = conf.list("pod_cidr", 2, "one CIDR per family", Cidr::parse);
        if (cluster.size() == 2 && cluster.get(0).family() == cluster.get(1).family()) {
            conf.problem("pod_cidr", cluster, "at most one CIDR per family");
        }
        int ipv4 = conf.number("node_cidr_mask", PodCidrs.NONE.ipv4Mask(), 16, 28);
        int ipv6 = conf.number("node_cidr_mask_ipv6", PodCidrs.NONE.ipv6Mask(), 48, 120);
        PodCidrs read = new PodCidrs(cluster, ipv4, ipv6);
        for (Cidr cidr : cluster) {
            if (cidr.prefixLength() > read.mask(cidr.family())) {
                conf.problem("pod_cidr", cidr, "at least as large as a node's /" + read.mask(cidr.family()));
            }
        }
        return read;
    }

    /** The ConfigMap's eni_conf wins over the CNI configuration. */
    private <T> T both(String key, T otherwise, Map<String, T> words) {
        T fromCni = cni.choice(key, otherwise, words);
        T value = conf.choice(key, fromCni, words);
        if (cni.has(key) && conf.has(key) && !value.equals(fromCni)) {
            conf.remark("eni_conf." + key + " " + value + " wins over 10-terway.conf, which says " + fromCni);
        }
        return value;
    }

    private static String kind(String text) {
        if (!text.matches("[A-Z][A-Za-z0-9]{0,62}")) {
            throw new IllegalArgumentException("a kind is 1 to 63 letters and digits and begins with a capital letter");
        }
        return text;
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

    static <T> Map<String, T> ordered(Object... pairs) {
        Map<String, T> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            @SuppressWarnings("unchecked")
            T value = (T) pairs[i + 1];
            map.put((String) pairs[i], value);
        }
        return map;
    }
}
