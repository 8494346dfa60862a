package io.terway.ctl.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code terway-cli plan}: exit code 0 when the plan fits, 1 when something runs out, 2 when it cannot be read. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Says what a planned cluster needs of the VPC and what runs out first, without a cluster.",
            "",
            "Nodes and pods are spread evenly over the availability zones, and each zone needs vSwitches of its own.",
            "",
            "FILE is YAML with cluster_info (name, availability_zones), scale_requirements (target_pods, peak_pods,",
            "growth_rate_yearly), node_config (instance_type, eni_per_node, ips_per_eni) and network_planning (vpc_cidr,",
            "service_cidr, node_vswitches and pod_vswitches with zone and cidr)."
        })
public final class PlanCommand implements Callable<Integer> {

    private static final JsonMapper JSON = new JsonMapper();

    /** Constants are spelled as they are typed. */
    enum Output {
        text,
        json
    }

    @Parameters(paramLabel = "FILE", description = "The plan.")
    private Path file;

    @Option(
            names = "--workload",
            defaultValue = "stable",
            description = "${COMPLETION-CANDIDATES}: how pods come and go, for pool sizes (default: ${DEFAULT-VALUE}).")
    private Workload workload;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Output output;

    @Spec
    private CommandSpec spec;

    PlanCommand() {}

    @Override
    public Integer call() {
        CapacityPlan plan = CapacityPlan.of(TemplateFile.read(file));
        PrintWriter out = spec.commandLine().getOut();
        switch (output) {
            case text -> text(plan, out);
            case json -> out.println(json(plan));
        }
        out.flush();
        return plan.shortages().isEmpty() ? 0 : 1;
    }

    private void text(CapacityPlan plan, PrintWriter out) {
        Template of = plan.template();
        out.println(of.name() + ": " + of.targetPods() + " pods, " + of.peakPods() + " at the peak, on "
                + of.instanceType() + " in " + of.zones() + " zones");
        line(
                out,
                "pods a node",
                plan.podsPerNode() + " in ENIIP mode (" + (of.enis() - 1) + " ENIs of " + of.addressesPerEni()
                        + "; the primary ENI is the node's); guide formula: " + plan.guidePodsPerNode());
        line(
                out,
                "nodes",
                plan.nodes() + ", " + plan.peakNodes() + " at the peak, " + CapacityPlan.FILL_PERCENT
                        + " % full; guide formula: " + plan.guideNodes());
        line(
                out,
                "addresses",
                plan.addresses() + " for the peak with " + CapacityPlan.SPARE_PERCENT
                        + " % spare; the pod vSwitches have " + plan.usable());
        line(
                out,
                "pod vSwitches",
                (plan.vSwitches() == 2 ? "two" : plan.vSwitches()) + " of /" + plan.prefix()
                        + " or larger in each zone hold that");
        line(out, "ENI quota", plan.eniQuota() + " (peak nodes x " + of.enis() + " x 1.2)");
        line(
                out,
                "pool sizes",
                "min_pool_size " + workload.min(plan.podsPerNode()) + ", max_pool_size "
                        + workload.max(plan.podsPerNode()) + " for a " + workload + " workload");
        if (of.growthPercent() > 0) {
            line(out, "in a year", plan.podsInAYear() + " pods at " + of.growthPercent() + " % growth");
        }
        plan.shortages().forEach(shortage -> out.println("SHORT  " + shortage));
        plan.remarks().forEach(remark -> out.println("note   " + remark));
        if (plan.shortages().isEmpty()) {
            out.println("it fits");
        }
    }

    private static void line(PrintWriter out, String what, String figures) {
        out.printf("  %-14s %s%n", what, figures);
    }

    private String json(CapacityPlan plan) {
        ObjectNode root = JSON.createObjectNode();
        root.put("name", plan.template().name());
        root.put("fits", plan.shortages().isEmpty());
        root.put("podsPerNode", plan.podsPerNode());
        root.put("guidePodsPerNode", plan.guidePodsPerNode());
        root.put("nodes", plan.nodes());
        root.put("guideNodes", plan.guideNodes());
        root.put("peakNodes", plan.peakNodes());
        root.put("addresses", plan.addresses());
        root.put("usableAddresses", plan.usable());
        root.put("podVSwitchesPerZone", plan.vSwitches());
        root.put("podVSwitchPrefix", plan.prefix());
        root.put("eniQuota", plan.eniQuota());
        root.put("minPoolSize", workload.min(plan.podsPerNode()));
        root.put("maxPoolSize", workload.max(plan.podsPerNode()));
        root.put("podsInAYear", plan.podsInAYear());
        texts(root, "shortages", plan.shortages());
        texts(root, "remarks", plan.remarks());
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new AssertionError("a tree is always writable", e);
        }
    }

    private static void texts(ObjectNode root, String field, List<String> texts) {
        var array = root.putArray(field);
        texts.forEach(array::add);
    }
}
