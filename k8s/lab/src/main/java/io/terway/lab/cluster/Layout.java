package io.terway.lab.cluster;

import io.terway.lab.Refusal;
import io.terway.net.NodeName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The state directory of one lab: every file it writes is below it. */
public record Layout(Path state) {

    /** A unix socket's path has at most 107 bytes (sun_path), and the longest one below the state directory takes 32. */
    static final int MAX_STATE_LENGTH = 72;

    public Layout {
        state = state.toAbsolutePath().normalize();
        int length = state.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_STATE_LENGTH) {
            throw new Refusal(
                    "--state " + state + " has " + length + " bytes; unix sockets below it allow at most "
                            + MAX_STATE_LENGTH + ": choose a shorter directory",
                    Refusal.USAGE);
        }
    }

    /** Where a lab lives when nobody says otherwise: below XDG_RUNTIME_DIR when that exists, else below /tmp. */
    public static Path defaultState(Map<String, String> environment, String user) {
        String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
        Path base = !runtime.isEmpty() && Files.isWritable(Path.of(runtime)) ? Path.of(runtime) : Path.of("/tmp");
        return base.resolve("terway-lab-" + user);
    }

    public Path control() {
        return state.resolve("control.sock");
    }

    /** Holds the PID, outside, of the lab's first process. */
    public Path pid() {
        return state.resolve("pid");
    }

    public Path kubeconfig() {
        return state.resolve("kubeconfig");
    }

    public Path spec() {
        return state.resolve("spec.json");
    }

    /** Written by the cloud when every instance is plugged: endpoint, credentials, instances. */
    public Path cloudFacts() {
        return state.resolve("cloud.json");
    }

    public Path cloudState() {
        return state.resolve("cloud-state.json");
    }

    public Path apiState() {
        return state.resolve("api-state.json");
    }

    /** What a component proves itself with: tls.crt, tls.key, ca.crt and token, as its mounted secrets hold them. */
    public Path identity(String component) {
        return state.resolve("identity").resolve(component);
    }

    public Path log(String component) {
        return state.resolve("log").resolve(component + ".log");
    }

    public Path service(String component) {
        return state.resolve("service").resolve(component);
    }

    public NodeLayout node(NodeName node) {
        return new NodeLayout(state.resolve("nodes").resolve(node.value()));
    }

    /** The directories that are /var/lib/terway, /var/run/terway, /opt/cni/bin and /etc/cni/net.d on a real node. */
    public record NodeLayout(Path root) {
        public Path lib() {
            return root.resolve("lib");
        }

        public Path spool() {
            return lib().resolve("spool");
        }

        public Path run() {
            return root.resolve("run");
        }

        public Path socket() {
            return run().resolve("cni.sock");
        }

        public Path cniBin() {
            return root.resolve("cni-bin");
        }

        public Path cniConf() {
            return root.resolve("net.d");
        }
    }
}
