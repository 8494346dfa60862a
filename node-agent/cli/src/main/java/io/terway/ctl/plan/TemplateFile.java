package io.terway.ctl.plan;

import io.terway.ctl.policy.BadInput;
import io.terway.net.Cidr;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads a planned cluster from YAML, as the guide's template has it. Every refusal names the file, the field and the value. */
final class TemplateFile {

    private static final long LARGEST = 1 << 20;

    private final Path file;

    private TemplateFile(Path file) {
        this.file = file;
    }

    static Template read(Path file) {
        return new TemplateFile(file).template();
    }

    private Template template() {
        Map<?, ?> root = document();
        Map<?, ?> planned = root.get("capacity_planning") instanceof Map<?, ?> inner ? inner : root;
        Map<?, ?> cluster = section(planned, "cluster_info");
        Map<?, ?> scale = section(planned, "scale_requirements");
        Map<?, ?> node = section(planned, "node_config");
        Map<?, ?> network = section(planned, "network_planning");
        Map<?, ?> own = section(planned, "calculations");
        List<Template.VSwitch> nodes = vSwitches(network, "node_vswitches");
        List<Template.VSwitch> pods = vSwitches(network, "pod_vswitches");
        int target = required(scale, "target_pods");
        try {
            return new Template(
                    cluster.get("name") instanceof String name
                            ? name
                            : file.getFileName().toString(),
                    number(cluster, "availability_zones")
                            .orElseGet(() ->
                                    Math.max(1, Template.zones(nodes, pods).size())),
                    target,
                    number(scale, "peak_pods").orElse(target),
                    number(scale, "growth_rate_yearly").orElse(0),
                    node.get("instance_type") instanceof String type ? type : "the instance type",
                    required(node, "eni_per_node"),
                    required(node, "ips_per_eni"),
                    cidr(network, "vpc_cidr"),
                    nodes,
                    pods,
                    cidr(network, "service_cidr"),
                    new Template.Claimed(
                            number(node, "pods_per_node"),
                            number(own, "required_nodes"),
                            number(own, "total_eni_quota")));
        } catch (IllegalArgumentException e) {
            throw new BadInput(file + ": " + e.getMessage());
        }
    }

    private Map<?, ?> document() {
        try {
            if (Files.size(file) > LARGEST) {
                throw new BadInput(file + " is larger than 1 MiB");
            }
            if (new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file))
                    instanceof Map<?, ?> map) {
                return map;
            }
            throw new BadInput(
                    file + " holds no plan: it must be a YAML object with scale_requirements, node_config and"
                            + " network_planning");
        } catch (YAMLException e) {
            throw new BadInput(
                    file + " is not YAML: " + e.getMessage().lines().findFirst().orElse(""));
        } catch (NoSuchFileException e) {
            throw new BadInput(file + " cannot be read: there is no such file");
        } catch (IOException e) {
            throw new BadInput(file + " cannot be read: " + e);
        }
    }

    private Map<?, ?> section(Map<?, ?> of, String key) {
        return switch (of.get(key)) {
            case null -> Map.of();
            case Map<?, ?> map -> map;
            case Object other -> throw wrong(key, other, "an object");
        };
    }

    private int required(Map<?, ?> of, String key) {
        return number(of, key)
                .orElseThrow(() -> new BadInput(file + " has no " + key + "; the plan cannot be made without it"));
    }

    /** Whole numbers, also as a share: 50 and "50%" are the same. */
    private Optional<Integer> number(Map<?, ?> of, String key) {
        return switch (of.get(key)) {
            case null -> Optional.empty();
            case Integer number -> Optional.of(number);
            case String text when text.matches("[0-9]{1,8}%?") -> Optional.of(Integer.valueOf(text.replace("%", "")));
            case Object other -> throw wrong(key, other, "a whole number");
        };
    }

    private Optional<Cidr> cidr(Map<?, ?> of, String key) {
        return switch (of.get(key)) {
            case null -> Optional.empty();
            case String text -> Optional.of(parsed(key, text));
            case Object other -> throw wrong(key, other, "a network such as 10.0.0.0/8");
        };
    }

    private Cidr parsed(String key, String text) {
        try {
            return Cidr.parse(text);
        } catch (IllegalArgumentException e) {
            throw new BadInput(file + ": " + key + ": " + e.getMessage());
        }
    }

    private List<Template.VSwitch> vSwitches(Map<?, ?> network, String key) {
        if (!(network.get(key) instanceof List<?> list)) {
            throw new BadInput(file + " has no list " + key + "; the plan cannot be made without it");
        }
        List<Template.VSwitch> out = new ArrayList<>();
        for (Object entry : list) {
            if (!(entry instanceof Map<?, ?> map && map.get("zone") instanceof String zone)
                    || !(map.get("cidr") instanceof String text)) {
                throw wrong(key, entry, "a list of objects with zone and cidr");
            }
            try {
                out.add(new Template.VSwitch(zone, parsed(key, text), number(map, "capacity")));
            } catch (IllegalArgumentException e) {
                throw new BadInput(file + ": " + key + ": " + e.getMessage());
            }
        }
        return out;
    }

    private BadInput wrong(String key, Object value, String must) {
        String shown = value instanceof Map<?, ?> map
                ? "an object of "
                        + new TreeSet<>(
                                map.keySet().stream().map(String::valueOf).toList())
                : String.valueOf(value);
        return new BadInput(file + ": " + key + " is '" + shown + "'; it must be " + must);
    }
}
