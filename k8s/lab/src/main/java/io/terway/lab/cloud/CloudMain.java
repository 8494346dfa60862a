package io.terway.lab.cloud;

import io.terway.eni.sim.EcsSimulator;
import io.terway.eni.sim.EniView;
import io.terway.eni.sim.Options;
import io.terway.eni.sim.Scenario;
import io.terway.eni.sim.VpcView;
import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.lab.Refusal;
import io.terway.lab.cluster.Addresses;
import io.terway.lab.cluster.CloudFacts;
import io.terway.lab.cluster.LabNode;
import io.terway.lab.fabric.Fabric;
import io.terway.net.Family;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SecurityGroupId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The simulated cloud of a lab with its packets. Started by the supervisor in the management namespace. */
@Command(name = "cloud")
public final class CloudMain implements Runnable {

    @Option(names = "--nodes", required = true)
    int nodes;

    @Option(names = "--instance-type", required = true)
    String instanceType;

    @Option(names = "--ipv6")
    boolean ipv6;

    /** The simulator's own state: a restarted cloud goes on where it was. */
    @Option(names = "--state", required = true)
    Path state;

    @Option(names = "--facts", required = true)
    Path facts;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CloudMain())
                .setExecutionExceptionHandler((exception, line, parsed) -> {
                    if (exception instanceof Refusal || exception instanceof IllegalStateException) {
                        System.err.println("cloud: " + exception.getMessage());
                        return Refusal.FAILED;
                    }
                    throw exception;
                })
                .execute(arguments));
    }

    @Override
    public void run() {
        Fabric fabric = Fabric.open();
        CountDownLatch plugged = new CountDownLatch(1);
        EcsSimulator simulator = EcsSimulator.start(
                withGroupsToTry(Scenario.lab(nodes, new InstanceType(instanceType), ipv6)),
                Options.defaults()
                        .withApi(Addresses.SERVICES.toString(), Addresses.ECS_PORT)
                        .withMetadata(Addresses.METADATA.toString(), Addresses.METADATA_PORT)
                        .withLatencies(Latencies.quick())
                        .withStateFile(state),
                view -> {
                    carry(fabric, view);
                    plugged.countDown();
                });
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            simulator.close();
            ended.countDown();
        }));
        try {
            plugged.await();
            facts(simulator).write(facts);
            System.out.println(
                    "cloud: serving ECS and VPC on " + simulator.endpoint() + ", metadata on " + Addresses.METADATA);
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Basic groups that let only their own members in, and an enterprise group that lets nothing pass. */
    private static Scenario withGroupsToTry(Scenario scenario) {
        List<Scenario.GroupSpec> groups = new ArrayList<>(scenario.groups());
        for (String name : List.of("dmz", "app", "db")) {
            groups.add(group(name, SecurityGroup.Kind.NORMAL));
        }
        groups.add(group("strict", SecurityGroup.Kind.ENTERPRISE));
        return new Scenario(
                scenario.region(),
                scenario.accessKey(),
                scenario.vpc(),
                scenario.vSwitches(),
                groups,
                scenario.instances());
    }

    private static Scenario.GroupSpec group(String name, SecurityGroup.Kind kind) {
        return new Scenario.GroupSpec(new SecurityGroupId("sg-bp1" + name), name, kind, false);
    }

    private static void carry(Fabric fabric, VpcView view) {
        try {
            int changes = fabric.apply(
                    VpcPlugs.from(view, node -> Files.exists(LabNode.NETNS_DIRECTORY.resolve(node.value()))),
                    VpcPlugs.subnets(view),
                    view.groups());
            System.out.println("cloud: revision " + view.revision() + ": " + changes + " changes of the router");
        } catch (Refusal refusal) {
            System.out.println("cloud: revision " + view.revision() + ": " + refusal.getMessage());
            throw refusal;
        }
    }

    private static CloudFacts facts(EcsSimulator simulator) {
        Scenario scenario = simulator.scenario();
        VpcView view = simulator.view();
        List<CloudFacts.VSwitch> vSwitches = scenario.vSwitches().stream()
                .map(vSwitch -> new CloudFacts.VSwitch(
                        vSwitch.id().value(),
                        vSwitch.zone().value(),
                        vSwitch.cidr().toString(),
                        vSwitch.id().value().contains("pod")))
                .toList();
        List<CloudFacts.Instance> instances = new ArrayList<>();
        for (Instance instance : view.instances()) {
            EniView primary = view.enis().stream()
                    .filter(eni -> eni.id().equals(instance.primaryEni()))
                    .findFirst()
                    .orElseThrow();
            instances.add(new CloudFacts.Instance(
                    new NodeName(instance.name()).value(),
                    instance.id().value(),
                    instance.type().value(),
                    instance.zone().value(),
                    primary.addresses().getFirst().toString(),
                    primary.addresses().stream()
                            .filter(ip -> ip.family() == Family.IPV6)
                            .findFirst()
                            .map(Ip::toString)
                            .orElse("")));
        }
        return new CloudFacts(
                simulator.endpoint(),
                "http://" + simulator.endpoint() + "/_control",
                scenario.region(),
                scenario.accessKey().id(),
                scenario.accessKey().secret(),
                scenario.vpc().id().value(),
                scenario.groups().getFirst().id().value(),
                vSwitches,
                instances);
    }
}
