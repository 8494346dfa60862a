package io.terway.bench.cni;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

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
record PluginUnderTest(
        String name, Place place, Path program, Path config, Map<String, String> environment, String podNamespace) {

    /** One line of the spawner's input. */
    String job(String verb, String pod, Path out) {
        StringBuilder line = new StringBuilder();
        line.append(program).append('\u001f').append(config).append('\u001f').append(out);
        Map<String, String> cni = Map.of(
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
                program.getParent().toString());
        List.of(cni, environment)
                .forEach(map -> map.forEach((key, value) ->
                        line.append('\u001f').append(key).append('=').append(value)));
        return line.append('\n').toString();
    }
}
