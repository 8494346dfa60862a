package io.terway.ctl.policy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.terway.policy.lint.Finding;
import io.terway.policy.lint.Linter;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code terway-cli policy lint}. */
@Command(
        name = "lint",
        mixinStandardHelpOptions = true,
        description = {
            "Finds policies that are valid and yet hardly meant so: they select nothing, a rule is shadowed by another, DNS is",
            "forgotten or allowed over UDP only, a namespace is asked for by the label 'name'. Without pods in the files, what",
            "depends on them is left out. Exit code 1 when something was found."
        })
final class LintCommand implements Callable<Integer> {

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "MANIFESTS",
            description = "File or directory of manifests, - for standard input; may be repeated.")
    private List<String> manifests;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private CheckCommand.Output output;

    @Spec
    private CommandSpec spec;

    LintCommand() {}

    @Override
    public Integer call() {
        ClusterState state = ClusterState.of(Manifests.read(manifests));
        List<Finding> findings = Linter.lint(state.cluster(), state.policies());
        PrintWriter err = spec.commandLine().getErr();
        state.complaints().stream()
                .filter(line -> line.contains(" is left out: "))
                .forEach(line -> err.println("terway-cli: " + line));
        err.flush();
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (output) {
                    case text -> text(state, findings);
                    case json -> json(findings);
                });
        out.flush();
        return findings.isEmpty() ? 0 : 1;
    }

    /** What is odd, each with its name for programs behind it; then what was looked at. */
    private static String text(ClusterState state, List<Finding> findings) {
        var out = new StringBuilder();
        for (Finding finding : findings) {
            out.append(finding.policy().kind().text()).append(' ').append(finding.policy());
            out.append(finding.where().isEmpty() ? "" : ", " + finding.where());
            out.append(": ")
                    .append(finding.text())
                    .append(" [")
                    .append(finding.kind().text())
                    .append("]\n");
        }
        int policies = state.policies().size();
        return OneLine.lines(out.toString())
                + (findings.isEmpty()
                        ? "nothing odd"
                        : findings.size() + (findings.size() == 1 ? " finding" : " findings"))
                + " in " + policies + (policies == 1 ? " policy" : " policies")
                + (state.cluster().pods().isEmpty()
                        ? "; without pods in the files, whom they select was not looked at"
                        : "")
                + "\n";
    }

    private static String json(List<Finding> findings) {
        ArrayNode out = new JsonMapper().createArrayNode();
        findings.forEach(finding -> out.addObject()
                .put("policy", finding.policy().toString())
                .put("policyKind", finding.policy().kind().text())
                .put("finding", finding.kind().text())
                .put("where", finding.where())
                .put("text", finding.text()));
        return VerdictJson.text(out);
    }
}
