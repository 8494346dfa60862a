package io.terway.ctl.config;

import io.terway.ipam.JsonText;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code terway-cli config from-addon}: the add-on parameters of a managed cluster as a ConfigMap. */
@Command(
        name = "from-addon",
        mixinStandardHelpOptions = true,
        description = "Makes the ConfigMap that means the same as add-on parameters.")
final class FromAddonCommand implements Callable<Integer> {

    private static final int UNREADABLE = 2;
    private static final Set<String> KNOWN = new TreeSet<>(Set.of("IPVlan", "NetworkPolicy", "ENITrunking"));

    @Parameters(paramLabel = "JSON", description = "For example '{\"IPVlan\":\"true\",\"NetworkPolicy\":\"true\"}'.")
    private String parameters;

    @Spec
    private CommandSpec spec;

    FromAddonCommand() {}

    @Override
    public Integer call() {
        try {
            Map<String, Object> read = JsonText.object(parameters);
            for (String key : read.keySet()) {
                if (!KNOWN.contains(key)) {
                    return wrong("the add-on parameter " + key + " is not known; known are " + KNOWN);
                }
            }
            String ipVlan = flag(read, "IPVlan", true) ? "IPVlan" : "Veth";
            spec.commandLine()
                    .getOut()
                    .print(manifest(ipVlan, flag(read, "NetworkPolicy", true), flag(read, "ENITrunking", false)));
            spec.commandLine().getOut().flush();
            return 0;
        } catch (JsonText.Malformed | IllegalArgumentException e) {
            return wrong("the add-on parameters cannot be read: " + e.getMessage());
        }
    }

    private int wrong(String message) {
        spec.commandLine().getErr().println("terway-cli: " + message);
        return UNREADABLE;
    }

    private static boolean flag(Map<String, Object> parameters, String key, boolean otherwise) {
        String text = String.valueOf(parameters.getOrDefault(key, otherwise));
        if (!text.equals("true") && !text.equals("false")) {
            throw new IllegalArgumentException(key + " is '" + text + "'; it must be \"true\" or \"false\"");
        }
        return Boolean.parseBoolean(text);
    }

    private static String manifest(String virtualType, boolean policy, boolean trunking) {
        return """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: eni-config
                  namespace: kube-system
                data:
                  eni_conf: |
                    {
                      "version": "1",
                      "eniip_virtual_type": "%s"%s
                    }
                  disable_network_policy: "%s"
                """.formatted(virtualType, trunking ? ",\n      \"enable_eni_trunking\": true" : "", !policy);
    }
}
