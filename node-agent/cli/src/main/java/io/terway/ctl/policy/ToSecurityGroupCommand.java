package io.terway.ctl.policy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.net.SecurityGroupId;
import io.terway.policy.group.GroupRule;
import io.terway.policy.group.GroupTranslator;
import io.terway.policy.group.GroupType;
import io.terway.policy.group.Translation;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code terway-cli policy to-security-group}. */
@Command(
        name = "to-security-group",
        mixinStandardHelpOptions = true,
        description = {
            "Shows what policies marked network.terway.io/enforce: security-group become in the security groups of their pods,",
            "without applying it. FILE holds the policies and the pods with their k8s.aliyun.com/security-group annotation."
        })
final class ToSecurityGroupCommand implements Callable<Integer> {

    /** As the cloud's console calls them. */
    enum Type {
        basic,
        enterprise
    }

    @Parameters(
            paramLabel = "FILE",
            description = "Files or directories of manifests, - for standard input.",
            arity = "1..*")
    private List<String> files;

    @Option(
            names = "--type",
            defaultValue = "enterprise",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Type type;

    @Option(
            names = "--quota",
            paramLabel = "RULES",
            defaultValue = "200",
            description = "Rules that a group has room for (default: ${DEFAULT-VALUE}).")
    private int quota;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private CheckCommand.Output output;

    @Spec
    private CommandSpec spec;

    ToSecurityGroupCommand() {}

    @Override
    public Integer call() {
        ClusterState state = ClusterState.of(Manifests.read(files));
        var groupType = type == Type.basic ? GroupType.BASIC : GroupType.ENTERPRISE;
        var translator = new GroupTranslator(state.cluster(), groupType, quota);
        Map<SecurityGroupId, Translation> translations = new TreeMap<>();
        for (SecurityGroupId group : GroupTranslator.groups(state.cluster())) {
            translations.put(group, translator.translate(translator.members(group)));
        }
        if (translations.isEmpty()) {
            throw new BadInput("no pod with a k8s.aliyun.com/security-group annotation is bound by a policy marked "
                    + "network.terway.io/enforce: security-group");
        }
        PrintWriter err = spec.commandLine().getErr();
        state.complaints().forEach(line -> err.println("terway-cli: " + line));
        err.flush();
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                switch (output) {
                    case text -> text(translations);
                    case json -> json(translations);
                });
        out.flush();
        return translations.values().stream().allMatch(Translation.Fits.class::isInstance) ? 0 : 1;
    }

    private String text(Map<SecurityGroupId, Translation> translations) {
        var out = new StringBuilder();
        translations.forEach((group, translation) -> {
            out.append(group).append(" (").append(type).append("): ");
            switch (translation) {
                case Translation.Fits fits -> {
                    out.append(fits.rules().size()).append(" rules\n");
                    fits.rules().forEach(rule -> out.append("  ").append(rule).append('\n'));
                    fits.notes()
                            .forEach(note -> out.append("  note: ").append(note).append('\n'));
                }
                case Translation.DoesNotFit refused -> {
                    out.append("does not fit, the node enforces it\n");
                    refused.reasons()
                            .forEach(reason -> out.append("  ").append(reason).append('\n'));
                }
            }
        });
        return out.toString();
    }

    private String json(Map<SecurityGroupId, Translation> translations) {
        ArrayNode out = new JsonMapper().createArrayNode();
        translations.forEach((group, translation) -> {
            ObjectNode one = out.addObject().put("group", group.value()).put("type", type.name());
            switch (translation) {
                case Translation.Fits fits -> {
                    one.put("fits", true);
                    ArrayNode rules = one.putArray("rules");
                    fits.rules().forEach(rule -> rule(rule, rules.addObject()));
                    fits.notes().forEach(one.putArray("notes")::add);
                }
                case Translation.DoesNotFit refused -> {
                    one.put("fits", false);
                    refused.reasons().forEach(one.withArray("reasons")::add);
                }
            }
        });
        return VerdictJson.text(out);
    }

    private static void rule(GroupRule rule, ObjectNode out) {
        out.put("direction", rule.direction().name().toLowerCase(Locale.ROOT))
                .put("policy", rule.accept() ? "Accept" : "Drop")
                .put("priority", rule.priority())
                .put("protocol", rule.protocol())
                .put("portRange", rule.portRange());
        switch (rule.peer()) {
            case GroupRule.Peer.Block block -> out.put("cidr", block.cidr().toString());
            case GroupRule.Peer.Group group -> out.put("group", group.id().value());
        }
    }
}
