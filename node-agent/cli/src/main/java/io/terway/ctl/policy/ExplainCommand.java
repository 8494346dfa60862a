package io.terway.ctl.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.net.Family;
import io.terway.policy.Evaluator;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.PolicyId;
import io.terway.policy.Protocol;
import io.terway.policy.Verdict;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code terway-cli policy explain}: asks the live cluster about one connection. */
@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description =
                "Says whether the policies of the live cluster let a connection pass, which of them decide, and where "
                        + "their rules sit.")
final class ExplainCommand implements Callable<Integer> {

    /** Address families as Kubernetes spells them. */
    enum Wanted {
        IPv4,
        IPv6
    }

    private static final List<String> WHERE = List.of(
            "pods behind a veth (ENIIP, VPC, Trunk with filter): nftables table inet terway of their node, at postrouting",
            "pods with the VPC's own link (exclusive ENI, IPVlan, Trunk with vlan): the same table in the pod's namespace");

    private static final String HTTP =
            "HTTP requests: the proxy of the node's agent, in the same namespace; it answers 403 with x-terway-policy";

    private static final String GROUPS =
            "beside that, as far as they fit: rules of the pods' security groups (network.terway.io/enforce: security-group)";

    @Option(names = "--from", required = true, paramLabel = "POD|IP", description = "namespace/name or an address.")
    private String from;

    @Option(names = "--to", required = true, paramLabel = "POD|IP", description = "namespace/name or an address.")
    private String to;

    @Option(names = "--port", required = true, description = "Destination port, after Service translation.")
    private int port;

    @Option(
            names = "--protocol",
            defaultValue = "TCP",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Protocol protocol;

    @Option(names = "--family", description = "${COMPLETION-CANDIDATES}; default: IPv4 where both ends have it.")
    private Wanted family;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "Default: KUBECONFIG, ~/.kube/config, the pod's account.")
    private String kubeconfig;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private CheckCommand.Output output;

    @Spec
    private CommandSpec spec;

    ExplainCommand() {}

    @Override
    public Integer call() {
        if (port < 1 || port > 65_535) {
            throw new BadInput("--port is " + port + "; it must be in 1..65535");
        }
        var question = new Question(
                "explain",
                end("--from", from),
                end("--to", to),
                protocol,
                port,
                Optional.ofNullable(family).map(wanted -> wanted == Wanted.IPv4 ? Family.IPV4 : Family.IPV6),
                false);
        ClusterState state = ClusterState.of(LiveCluster.read(Optional.ofNullable(kubeconfig)));
        Answer answer = question.answer(Directory.of(state), new Evaluator(state.cluster()));
        PrintWriter err = spec.commandLine().getErr();
        state.complaints().forEach(line -> err.println("terway-cli: " + line));
        err.flush();
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (output) {
                    case text -> text(question, answer, where(state, answer));
                    case json -> json(answer, where(state, answer));
                });
        out.flush();
        return answer instanceof Answer.Judged judged && judged.verdict().allowed() ? 0 : 1;
    }

    private static Question.End end(String option, String text) {
        if (text.indexOf('/') < 0 && !text.matches("[0-9a-fA-F.:]+[.:][0-9a-fA-F.:]*")) {
            throw new BadInput(
                    option + " is '" + OneLine.of(text) + "'; it must be namespace/name of a pod, or an address");
        }
        return Questions.end(option, text, text.indexOf('/') >= 0);
    }

    private static String text(Question question, Answer answer, List<String> where) {
        var out = new StringBuilder(VerdictText.of(List.of(question), List.of(answer)));
        if (!where.isEmpty()) {
            out.append("where that is enforced:\n");
            where.forEach(line -> out.append("  ").append(line).append('\n'));
        }
        return out.toString();
    }

    /** Only what has to do with this connection. */
    private static List<String> where(ClusterState state, Answer answer) {
        if (!(answer instanceof Answer.Judged(var _, Verdict verdict))) {
            return List.of();
        }
        List<String> out = new ArrayList<>(WHERE);
        List<Verdict.Side> sides = List.of(verdict.egress(), verdict.ingress());
        if (sides.stream().anyMatch(side -> !side.l7().isEmpty())) {
            out.add(HTTP);
        }
        Set<PolicyId> named = new HashSet<>();
        sides.forEach(side -> {
            named.addAll(side.isolatedBy());
            side.allowedBy().forEach(rule -> named.add(rule.policy()));
        });
        if (state.cluster().policies().stream()
                .anyMatch(policy -> policy instanceof NetworkPolicy network
                        && network.bySecurityGroup()
                        && named.contains(network.id()))) {
            out.add(GROUPS);
        }
        return out;
    }

    private static String json(Answer answer, List<String> where) {
        ObjectNode out = VerdictJson.of(answer);
        where.forEach(out.withArray("where")::add);
        return VerdictJson.text(out);
    }
}
