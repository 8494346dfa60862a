package io.terway.eni.sim.imds;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.ecs.Attachment;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.rpc.AccessKeys;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Render;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.eni.sim.vpc.Vpc;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The tree of one instance. Lags behind the API by the metadata latency. */
public final class Metadata {

    private static final String OWNER = "1000000000000001";
    private static final String INTERFACES = "network/interfaces/macs/";
    private static final String ROLES = "ram/security-credentials/";

    private final Cloud cloud;
    private final AccessKeys keys;

    public Metadata(Cloud cloud, AccessKeys keys) {
        this.cloud = cloud;
        this.keys = keys;
    }

    /**
     * The text at a path below {@code /latest/}, or nothing when there is no such item.
     *
     * @param path without leading slash, such as {@code meta-data/instance-id}
     */
    public Optional<String> get(Instance instance, String path, Instant now) {
        if (path.equals("dynamic/instance-identity/document")) {
            return Optional.of(document(instance));
        }
        if (!path.startsWith("meta-data")) {
            return Optional.empty();
        }
        String item = path.substring("meta-data".length()).replaceFirst("^/+", "");
        if (item.startsWith("network/interfaces/macs")) {
            return network(instance, item.substring(INTERFACES.length() - 1).replaceFirst("^/+", ""));
        }
        if (item.startsWith("ram/security-credentials")) {
            return role(instance, item.substring(ROLES.length() - 1).replaceFirst("^/+", ""), now);
        }
        return plain(instance, item);
    }

    private Optional<String> plain(Instance instance, String item) {
        Eni primary = cloud.enis().get(instance.primaryEni());
        return switch (item) {
            case "" ->
                Optional.of(String.join(
                        "\n",
                        "hostname",
                        "instance-id",
                        "instance/",
                        "mac",
                        "network/",
                        "owner-account-id",
                        "private-ipv4",
                        "ram/",
                        "region-id",
                        "vpc-cidr-block",
                        "vpc-id",
                        "vswitch-cidr-block",
                        "vswitch-id",
                        "zone-id"));
            case "region-id" -> Optional.of(cloud.region());
            case "zone-id" -> Optional.of(instance.zone().value());
            case "instance-id", "serial-number" -> Optional.of(instance.id().value());
            case "instance/", "instance" -> Optional.of("instance-name\ninstance-type");
            case "instance/instance-type" -> Optional.of(instance.type().value());
            case "instance/instance-name" -> Optional.of(instance.name());
            case "hostname" -> Optional.of(instance.name());
            case "owner-account-id" -> Optional.of(OWNER);
            case "mac" -> Optional.of(primary.mac().toString());
            case "private-ipv4" -> Optional.of(primary.primary().toString());
            case "vpc-id", "vpc-cidr-block", "vswitch-id", "vswitch-cidr-block" -> ofEni(primary, item);
            case "network", "network/" -> Optional.of("interfaces/");
            case "network/interfaces", "network/interfaces/" -> Optional.of("macs/");
            case "network-type" -> Optional.of("vpc");
            case "ram", "ram/" -> Optional.of("security-credentials/");
            default -> Optional.empty();
        };
    }

    /** The NICs the instance sees: members of a trunk are not among them. */
    private Stream<Eni> interfaces(Instance instance) {
        Duration lag = cloud.conditions().metadata();
        return cloud.enis().on(instance.id()).stream()
                .flatMap(id -> cloud.seen(id, lag).stream())
                .filter(e ->
                        e.plugged().filter(Attachment.Direct.class::isInstance).isPresent());
    }

    private Optional<String> network(Instance instance, String rest) {
        if (rest.isEmpty()) {
            return Optional.of(interfaces(instance).map(e -> e.mac() + "/").collect(Collectors.joining("\n")));
        }
        int slash = rest.indexOf('/');
        String mac = slash < 0 ? rest : rest.substring(0, slash);
        String item = slash < 0 ? "" : rest.substring(slash + 1);
        return interfaces(instance)
                .filter(e -> parse(mac).filter(e.mac()::equals).isPresent())
                .findFirst()
                .flatMap(e -> ofEni(e, item));
    }

    private static Optional<Mac> parse(String text) {
        try {
            return Optional.of(Mac.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Optional<String> ofEni(Eni eni, String item) {
        VSwitch vSwitch = cloud.network().vSwitch(eni.vSwitch());
        Vpc vpc = cloud.network().vpc(eni.vpc()).orElseThrow();
        return switch (item) {
            case "" ->
                Optional.of(String.join(
                        "\n",
                        "gateway",
                        "mac",
                        "netmask",
                        "network-interface-id",
                        "primary-ip-address",
                        "private-ipv4s",
                        "vpc-cidr-block",
                        "vpc-id",
                        "vswitch-cidr-block",
                        "vswitch-id"));
            case "network-interface-id" -> Optional.of(eni.id().value());
            case "mac" -> Optional.of(eni.mac().toString());
            case "primary-ip-address" -> Optional.of(eni.primary().toString());
            case "private-ipv4s" ->
                Optional.of(eni.ipv4().stream().map(ip -> "\"" + ip + "\"").collect(Collectors.joining(",", "[", "]")));
            case "netmask" -> Optional.of(netmask(vSwitch.cidr()).toString());
            case "gateway" -> Optional.of(vSwitch.cidr().vSwitchGateway().toString());
            case "vswitch-id" -> Optional.of(vSwitch.id().value());
            case "vswitch-cidr-block" -> Optional.of(vSwitch.cidr().toString());
            case "vpc-id" -> Optional.of(vpc.id().value());
            case "vpc-cidr-block" -> Optional.of(vpc.cidr().toString());
            case "ipv6s" -> some(eni.ipv6());
            case "ipv4-prefixes" -> some(eni.prefixes(false));
            case "ipv6-prefixes" -> some(eni.prefixes(true));
            case "ipv6-gateway" ->
                vSwitch.ipv6Cidrs().stream()
                        .map(c -> c.vSwitchGateway().toString())
                        .findFirst();
            case "vswitch-ipv6-cidr-block" ->
                vSwitch.ipv6Cidrs().stream().map(Cidr::toString).findFirst();
            case "vpc-ipv6-cidr-blocks" -> some(vpc.ipv6Cidrs());
            default -> Optional.empty();
        };
    }

    private static Optional<String> some(List<?> items) {
        return items.isEmpty()
                ? Optional.empty()
                : Optional.of(items.stream().map(Object::toString).collect(Collectors.joining(",", "[", "]")));
    }

    private static Ip netmask(Cidr cidr) {
        return Ip.ofIpv4(-1 << (32 - cidr.prefixLength()));
    }

    private Optional<String> role(Instance instance, String name, Instant now) {
        if (instance.role().isEmpty()) {
            return Optional.empty();
        }
        if (name.isEmpty()) {
            return Optional.of(instance.role());
        }
        if (!name.equals(instance.role())) {
            return Optional.empty();
        }
        AccessKeys.AccessKey key =
                keys.temporary(name + "@" + instance.id(), cloud.ids().next(""), now.truncatedTo(ChronoUnit.SECONDS));
        cloud.noteChange();
        return Optional.of(Render.JSON.write(
                "",
                Fields.of()
                        .put("AccessKeyId", key.id())
                        .put("AccessKeySecret", key.secret())
                        .put("Expiration", key.expires().toString())
                        .put("SecurityToken", key.token())
                        .put("LastUpdated", now.truncatedTo(ChronoUnit.SECONDS).toString())
                        .put("Code", "Success")));
    }

    private String document(Instance instance) {
        Eni primary = cloud.enis().get(instance.primaryEni());
        return Render.JSON.write(
                "",
                Fields.of()
                        .put("zone-id", instance.zone().value())
                        .put("serial-number", instance.id().value())
                        .put("instance-id", instance.id().value())
                        .put("region-id", cloud.region())
                        .put("private-ipv4", primary.primary().toString())
                        .put("owner-account-id", OWNER)
                        .put("mac", primary.mac().toString())
                        .put("instance-type", instance.type().value()));
    }
}
