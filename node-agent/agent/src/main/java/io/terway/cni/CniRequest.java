package io.terway.cni;

import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.PodLife;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A checked CNI call: what its verb needs is there. The accessors fail with a {@link CniFailure} for what it does not.
 *
 * @param started when the plugin started, on CLOCK_BOOTTIME
 */
public record CniRequest(CniVerb verb, Duration started, NetConf conf, Map<String, String> environment) {

    private static final int MAX_PATH = 4096;

    public CniRequest {
        environment = Map.copyOf(environment);
    }

    /** @throws CniFailure naming the variable or field, its value and what it should be */
    public static CniRequest of(CniFrame frame) {
        Map<String, String> environment = frame.environment();
        CniVerb verb = CniVerb.parse(environment.getOrDefault("CNI_COMMAND", ""));
        NetConf conf = NetConf.parse(frame.stdin());
        if (!conf.version().has(verb)) {
            throw new CniFailure(
                    CniCode.INCOMPATIBLE_VERSION, verb + " does not exist in cniVersion " + conf.version());
        }
        CniRequest request = new CniRequest(verb, frame.started(), conf, environment);
        switch (verb) {
            case ADD -> {
                request.key();
                request.netns();
                request.pod();
                conf.requireRoomFor(request.key().ifName());
            }
            case CHECK -> {
                request.key();
                request.netns();
                if (!conf.hasPrevious()) {
                    throw new CniFailure(CniCode.INVALID_CONFIGURATION, "CHECK needs prevResult");
                }
            }
            case DEL -> request.key();
            case GC -> conf.requireAttachments();
            case STATUS, VERSION -> {}
        }
        return request;
    }

    /** The attachment this is about. */
    public SandboxKey key() {
        String container = required("CNI_CONTAINERID");
        if (!container.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]*")) {
            throw bad("CNI_CONTAINERID", container, "letters, digits, '_', '.' and '-', a letter or digit first");
        }
        String ifName = required("CNI_IFNAME");
        if (ifName.equals(".") || ifName.equals("..") || ifName.matches(".*[/:\\s].*")) {
            throw bad("CNI_IFNAME", ifName, "an interface name");
        }
        try {
            return new SandboxKey(conf.name(), container, ifName);
        } catch (IllegalArgumentException e) {
            throw new CniFailure(CniCode.INVALID_ENVIRONMENT, e.getMessage());
        }
    }

    /** Path of the sandbox's network namespace. */
    public Path netns() {
        return netnsIfGiven()
                .orElseThrow(() -> new CniFailure(
                        CniCode.INVALID_ENVIRONMENT,
                        "CNI_NETNS is not set; " + verb + " needs the path of the sandbox's network namespace"));
    }

    /** Likewise; empty when the runtime has none any more. */
    public Optional<Path> netnsIfGiven() {
        String netns = environment.getOrDefault("CNI_NETNS", "");
        if (netns.isEmpty()) {
            return Optional.empty();
        }
        if (!netns.startsWith("/") || netns.length() >= MAX_PATH) {
            throw bad("CNI_NETNS", netns, "an absolute path below " + MAX_PATH + " bytes");
        }
        return Optional.of(Path.of(netns));
    }

    /** The pod, from CNI_ARGS. */
    public PodLife pod() {
        return podIfGiven()
                .orElseThrow(() -> new CniFailure(
                        CniCode.INVALID_ENVIRONMENT,
                        "CNI_ARGS names no pod; K8S_POD_NAMESPACE and K8S_POD_NAME are needed, CNI_ARGS is '"
                                + environment.getOrDefault("CNI_ARGS", "") + "'"));
    }

    /** Likewise; empty when CNI_ARGS does not name one. */
    public Optional<PodLife> podIfGiven() {
        Map<String, String> args = args();
        String namespace = args.getOrDefault("K8S_POD_NAMESPACE", "");
        String name = args.getOrDefault("K8S_POD_NAME", "");
        if (namespace.isEmpty() || name.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PodLife(new PodRef(namespace, name), args.getOrDefault("K8S_POD_UID", "")));
        } catch (IllegalArgumentException e) {
            throw new CniFailure(CniCode.INVALID_ENVIRONMENT, "CNI_ARGS: " + e.getMessage());
        }
    }

    /** The path, for a DEL: what cannot be one names nothing that could be left behind. */
    public Optional<Path> netnsIfReadable() {
        try {
            return netnsIfGiven();
        } catch (CniFailure | InvalidPathException unreadable) {
            return Optional.empty();
        }
    }

    /** The pod, for a DEL: its name suffices, and one that cannot be a pod's left nothing behind. */
    public Optional<PodLife> podIfReadable() {
        try {
            return podIfGiven();
        } catch (CniFailure unreadable) {
            return podOfName();
        }
    }

    private Optional<PodLife> podOfName() {
        Map<String, String> args = args();
        try {
            return Optional.of(new PodLife(new PodRef(args.get("K8S_POD_NAMESPACE"), args.get("K8S_POD_NAME")), ""));
        } catch (IllegalArgumentException unreadable) {
            return Optional.empty();
        }
    }

    /** What the runtime says stands before what the configuration says: podman names a pod, but no namespace. */
    private Map<String, String> args() {
        Map<String, String> args = new HashMap<>(conf.labels());
        for (String pair : environment.getOrDefault("CNI_ARGS", "").split(";")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                args.put(
                        pair.substring(0, equals).strip(),
                        pair.substring(equals + 1).strip());
            }
        }
        return args;
    }

    private String required(String name) {
        String value = environment.getOrDefault(name, "");
        if (value.isEmpty()) {
            throw new CniFailure(CniCode.INVALID_ENVIRONMENT, name + " is not set; " + verb + " needs it");
        }
        return value;
    }

    private static CniFailure bad(String name, String value, String wanted) {
        String shown = value.length() > 200 ? value.substring(0, 200) + "..." : value;
        return new CniFailure(CniCode.INVALID_ENVIRONMENT, name + " is '" + shown + "'; it must be " + wanted);
    }
}
