package io.terway.bench.cni;

import io.terway.bench.Place;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * A CNI plugin in its place.
 *
 * @param name as the report calls it
 * @param place where it runs
 * @param program its executable
 * @param config file with the network configuration for standard input
 * @param environment beside what CNI itself sets
 * @param podNamespace Kubernetes namespace named in CNI_ARGS
 */
public record PluginUnderTest(
        String name, Place place, Path program, Path config, Map<String, String> environment, String podNamespace) {

    /** One line of the spawner's input. */
    String job(String verb, String pod, Path out) {
        StringBuilder line = new StringBuilder();
        line.append(program).append('\u001f').append(config).append('\u001f').append(out);
        variables(verb, pod)
                .forEach((key, value) ->
                        line.append('\u001f').append(key).append('=').append(value));
        return line.append('\n').toString();
    }

    /** The same as a command of the shell, whose output goes nowhere. */
    public String shell(String verb, String pod) {
        StringBuilder line = new StringBuilder("env");
        variables(verb, pod)
                .forEach((key, value) ->
                        line.append(" '").append(key).append('=').append(value).append("'"));
        return line + " " + program + " < " + config + " > /dev/null";
    }

    private Map<String, String> variables(String verb, String pod) {
        Map<String, String> all = new TreeMap<>(environment);
        all.putAll(Map.of(
                "CNI_COMMAND",
                verb,
                "CNI_CONTAINERID",
                pod,
                "CNI_NETNS",
                "/run/netns/" + pod,
                "CNI_IFNAME",
                "eth0",
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=" + podNamespace + ";K8S_POD_NAME=" + pod,
                "CNI_PATH",
                program.getParent().toString()));
        return all;
    }
}
