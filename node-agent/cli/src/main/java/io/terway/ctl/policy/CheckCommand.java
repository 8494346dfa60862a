package io.terway.ctl.policy;

import io.terway.policy.Evaluator;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code terway-cli policy check}: offline verdicts. */
@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Says for each probe whether policy lets it pass, and why; needs no cluster.",
            "",
            "MANIFESTS are Namespaces, Nodes, Pods, NetworkPolicies, ClusterNetworkPolicies and CiliumNetworkPolicies as",
            "YAML or JSON; other kinds are passed over. PROBES is a JSON array of",
            "{\"from\":{\"pod\":\"ns/name\"}|{\"ip\":\"...\"},\"to\":...,\"protocol\":\"TCP|UDP|SCTP\",\"port\":N,",
            "\"family\"?:\"IPv4|IPv6\",\"reply\"?:true}."
        })
final class CheckCommand implements Callable<Integer> {

    /** How to print. */
    enum Output {
        text,
        json
    }

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "MANIFESTS",
            description = "File or directory of manifests, - for standard input; may be repeated.")
    private List<String> manifests;

    @Option(
            names = "--probes",
            required = true,
            paramLabel = "PROBES",
            description = "File of probes, - for standard input.")
    private String probes;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Output output;

    @Spec
    private CommandSpec spec;

    CheckCommand() {}

    @Override
    public Integer call() {
        if (manifests.contains("-") && probes.equals("-")) {
            throw new BadInput("only one of -f and --probes can be standard input");
        }
        ClusterState state = ClusterState.of(Manifests.read(manifests));
        List<Question> questions = Questions.read(probes);
        var evaluator = new Evaluator(state.cluster());
        Directory directory = Directory.of(state);
        List<Answer> answers = questions.stream()
                .map(question -> question.answer(directory, evaluator))
                .toList();
        PrintWriter err = spec.commandLine().getErr();
        state.complaints().forEach(line -> err.println("terway-cli: " + line));
        err.flush();
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (output) {
                    case text -> VerdictText.of(questions, answers);
                    case json -> VerdictJson.of(answers);
                });
        out.flush();
        return 0;
    }
}
