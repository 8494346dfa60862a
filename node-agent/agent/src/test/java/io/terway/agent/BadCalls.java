package io.terway.agent;

import static io.terway.agent.PluginProcess.config;

import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What a runtime, or an attacker in its place, may get wrong in a CNI call, with the code of the specification for it. */
final class BadCalls {

    private BadCalls() {}

    /** One bad input: what is changed in a good call, and the code for ADD, DEL and CHECK; -1: success. */
    record Bad(String name, UnaryOperator<String> stdin, Map<String, String> environment, int code) {

        static Bad stdin(String name, String text, int code) {
            return new Bad(name, _ -> text, Map.of(), code);
        }

        static Bad variable(String name, String value, int code) {
            return new Bad(name + "='" + value + "'", text -> text, Map.of(name, value), code);
        }
    }

    static final List<Bad> ALWAYS = List.of(
            Bad.stdin("empty", "", 6),
            Bad.stdin("blank", " \n", 6),
            Bad.stdin("not JSON", "cniVersion: 1.0.0", 6),
            Bad.stdin("cut off", "{\"cniVersion\":\"1.0.0\",\"na", 6),
            Bad.stdin("an array", "[]", 6),
            Bad.stdin("a string", "\"terway\"", 6),
            Bad.stdin("two objects", config("1.0.0", "") + "{}", 6),
            Bad.stdin("a key twice", config("1.0.0", ",\"name\":\"other\""), 6),
            Bad.stdin("nested too deep", config("1.0.0", ",\"x\":" + "[".repeat(200) + "]".repeat(200)), 6),
            Bad.stdin("a NUL", config("1.0.0", ",\"x\":\"\0\""), 6),
            Bad.stdin("no UTF-8", config("1.0.0", ",\"x\":\"\u00ff\u00fe\""), 6),
            Bad.stdin("huge", config("1.0.0", ",\"x\":\"" + "y".repeat(2 << 20) + "\""), 7),
            Bad.stdin("no version", "{\"name\":\"terway\"}", 1),
            Bad.stdin("version 0.2.0", config("0.2.0", ""), 1),
            Bad.stdin("version 2.0.0", config("2.0.0", ""), 1),
            Bad.stdin("version empty", config("", ""), 1),
            Bad.stdin("version a number", "{\"cniVersion\":1,\"name\":\"terway\"}", 7),
            Bad.stdin("no name", "{\"cniVersion\":\"1.0.0\"}", 7),
            Bad.stdin("name empty", "{\"cniVersion\":\"1.0.0\",\"name\":\"\"}", 7),
            Bad.stdin("name a path", "{\"cniVersion\":\"1.0.0\",\"name\":\"../x\"}", 7),
            Bad.stdin("name too long", "{\"cniVersion\":\"1.0.0\",\"name\":\"" + "n".repeat(300) + "\"}", 7),
            Bad.stdin("name an object", "{\"cniVersion\":\"1.0.0\",\"name\":{}}", 7),
            Bad.stdin("dns a list", config("1.0.0", ",\"dns\":[]"), 7),
            Bad.stdin("prevResult a string", config("1.0.0", ",\"prevResult\":\"none\""), 7),
            Bad.variable("CNI_CONTAINERID", "", 4),
            Bad.variable("CNI_CONTAINERID", "../etc", 4),
            Bad.variable("CNI_CONTAINERID", "-a", 4),
            Bad.variable("CNI_CONTAINERID", "a b", 4),
            Bad.variable("CNI_CONTAINERID", "c".repeat(200), 4),
            Bad.variable("CNI_IFNAME", "", 4),
            Bad.variable("CNI_IFNAME", "..", 4),
            Bad.variable("CNI_IFNAME", "eth0/1", 4),
            Bad.variable("CNI_IFNAME", "a name", 4),
            Bad.variable("CNI_IFNAME", "interface-too-long", 4));

    private static String previous(String interfaces) {
        return config("1.0.0", ",\"prevResult\":{\"cniVersion\":\"1.0.0\",\"interfaces\":" + interfaces + "}");
    }

    /** What ADD alone needs. */
    static final List<Bad> FOR_ADD = List.of(
            Bad.variable("CNI_NETNS", "", 4),
            Bad.variable("CNI_NETNS", "run/netns/x", 4),
            Bad.variable("CNI_NETNS", "/" + "x".repeat(5000), 4),
            Bad.variable("CNI_NETNS", "/nonexistent/netns", 3),
            Bad.variable("CNI_NETNS", "/proc/self/ns/net", 4),
            Bad.variable("CNI_NETNS", "/proc/thread-self/ns/net", 4),
            Bad.stdin("eth0 made before us", previous("[{\"name\":\"eth0\",\"sandbox\":\"/run/netns/x\"}]"), 7),
            Bad.stdin("interfaces no list", previous("{}"), 7),
            Bad.variable("CNI_ARGS", "", 4),
            Bad.variable("CNI_ARGS", "IgnoreUnknown=1", 4),
            Bad.variable("CNI_ARGS", "K8S_POD_NAMESPACE=default", 4),
            Bad.variable("CNI_ARGS", ";;;=;=x;K8S_POD_NAME", 4),
            Bad.variable("CNI_ARGS", "K8S_POD_NAMESPACE=Bad Namespace;K8S_POD_NAME=x", 4),
            Bad.variable("CNI_ARGS", "K8S_POD_NAMESPACE=default;K8S_POD_NAME=unknown", 11),
            Bad.variable("CNI_ARGS", "K8S_POD_NAMESPACE=default;K8S_POD_NAME=bad;K8S_POD_UID=" + "u".repeat(200), 4),
            Bad.variable("CNI_ARGS", "K8S_POD_NAMESPACE=default;K8S_POD_NAME=bad;K8S_POD_UID=another-life", 11));

    /** What only a GC says. The last two are good: a runtime in Go that has nothing, and the key of an early library. */
    static final List<Bad> OF_GC = List.of(
            Bad.stdin("no list", config("1.1.0", ""), 7),
            Bad.stdin("a text for a list", config("1.1.0", ",\"cni.dev/valid-attachments\":\"none\""), 7),
            Bad.stdin("an object for a list", config("1.1.0", ",\"cni.dev/valid-attachments\":{\"a\":{}}"), 7),
            Bad.stdin("an entry of no object", config("1.1.0", ",\"cni.dev/valid-attachments\":[7]"), 7),
            Bad.stdin(
                    "an entry without ifname",
                    config("1.1.0", ",\"cni.dev/valid-attachments\":[{\"containerID\":\"a\"}]"),
                    7),
            Bad.stdin("a list of null", config("1.1.0", ",\"cni.dev/valid-attachments\":null"), 0),
            Bad.stdin("a list under its early name", config("1.1.0", ",\"cni.dev/attachments\":[]"), 0));
}
