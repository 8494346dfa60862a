package io.terway.eni.sim;

import io.terway.eni.sim.serve.Opening;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.VpcId;
import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What exists when a twin starts for the first time. */
public record Scenario(
        String region,
        AccessKey accessKey,
        VpcSpec vpc,
        List<VSwitchSpec> vSwitches,
        List<GroupSpec> groups,
        List<InstanceSpec> instances) {

    private static final String REGION = "cn-hangzhou";
    private static final List<ZoneId> ZONES = List.of(new ZoneId("cn-hangzhou-h"), new ZoneId("cn-hangzhou-i"));
    private static final AccessKey KEY = new AccessKey("LTAI5tSimulatedKey0001", "simulated-secret-not-a-real-one");
    private static final int FIRST_HOST = 10;

    /** The key that may call the API from the start. */
    public record AccessKey(String id, String secret) {}

    /** @param ipv6Cidrs none or one block; null counts as none */
    public record VpcSpec(VpcId id, String name, Cidr cidr, List<Cidr> ipv6Cidrs) {
        public VpcSpec {
            ipv6Cidrs = ipv6Cidrs == null ? List.of() : List.copyOf(ipv6Cidrs);
        }
    }

    /** @param ipv6Cidrs none or one /64; null counts as none */
    public record VSwitchSpec(VSwitchId id, String name, ZoneId zone, Cidr cidr, List<Cidr> ipv6Cidrs) {
        public VSwitchSpec {
            ipv6Cidrs = ipv6Cidrs == null ? List.of() : List.copyOf(ipv6Cidrs);
        }
    }

    /** @param allowAll whether it has rules that let everything in and out */
    public record GroupSpec(SecurityGroupId id, String name, SecurityGroup.Kind kind, boolean allowAll) {}

    /**
     * @param address the wanted primary address: none (or null: the cloud chooses) or one
     * @param role the RAM role whose keys its metadata hands out, empty (or null) for none
     */
    public record InstanceSpec(
            InstanceId id,
            String name,
            InstanceType type,
            VSwitchId vSwitch,
            SecurityGroupId group,
            List<Ip> address,
            String role) {
        public InstanceSpec {
            address = address == null ? List.of() : List.copyOf(address);
            role = role == null ? "" : role;
        }
    }

    public Scenario {
        Objects.requireNonNull(region, "a scenario needs a region");
        accessKey = accessKey == null ? KEY : accessKey;
        Objects.requireNonNull(vpc, "a scenario needs a vpc");
        vSwitches = List.copyOf(Objects.requireNonNull(vSwitches, "a scenario needs vSwitches"));
        groups = List.copyOf(Objects.requireNonNull(groups, "a scenario needs groups"));
        instances = instances == null ? List.of() : List.copyOf(instances);
    }

    /** One VPC, two zones with two vSwitches each, one security group, one ecs.g7.xlarge per zone. */
    public static Scenario standard() {
        return lab(2, new InstanceType("ecs.g7.xlarge"), false);
    }

    /**
     * Nodes {@code node-1..N}, alternating over two zones, with predictable ids and addresses.
     *
     * @param nodes 1 to 480
     * @param ipv6 whether the VPC and its vSwitches have IPv6 blocks
     */
    public static Scenario lab(int nodes, InstanceType type, boolean ipv6) {
        if (nodes < 1 || nodes > 480) {
            throw new IllegalArgumentException("a lab has 1 to 480 nodes, not " + nodes);
        }
        List<VSwitchSpec> vSwitches = List.of(
                vSwitch("node-h", 0, "10.0.0.0/24", ipv6, 0x00),
                vSwitch("node-i", 1, "10.0.1.0/24", ipv6, 0x01),
                vSwitch("pod-h", 0, "10.0.64.0/20", ipv6, 0x40),
                vSwitch("pod-i", 1, "10.0.80.0/20", ipv6, 0x50));
        SecurityGroupId group = new SecurityGroupId("sg-bp1lab");
        List<InstanceSpec> instances = new ArrayList<>();
        for (int k = 0; k < nodes; k++) {
            VSwitchSpec home = vSwitches.get(k % 2);
            instances.add(new InstanceSpec(
                    new InstanceId("i-bp1node%05d".formatted(k + 1)),
                    "node-" + (k + 1),
                    type,
                    home.id(),
                    group,
                    List.of(home.cidr().network().plus(FIRST_HOST + k / 2)),
                    "terway-node-role"));
        }
        List<Cidr> vpcIpv6 = ipv6 ? List.of(Cidr.parse("2408:4005:3aa:7a00::/56")) : List.of();
        return new Scenario(
                REGION,
                KEY,
                new VpcSpec(new VpcId("vpc-bp1lab"), "lab", Cidr.parse("10.0.0.0/16"), vpcIpv6),
                vSwitches,
                List.of(new GroupSpec(group, "lab", SecurityGroup.Kind.NORMAL, true)),
                instances);
    }

    /**
     * Reads JSON of the shape of this record.
     *
     * @throws IllegalArgumentException naming file and field
     */
    public static Scenario read(Path json) {
        return Opening.readScenario(json);
    }

    private static VSwitchSpec vSwitch(String name, int zone, String cidr, boolean ipv6, int number) {
        return new VSwitchSpec(
                new VSwitchId("vsw-bp1" + name),
                name,
                ZONES.get(zone),
                Cidr.parse(cidr),
                ipv6 ? List.of(Cidr.parse("2408:4005:3aa:7a%02x::/64".formatted(number))) : List.of());
    }
}
