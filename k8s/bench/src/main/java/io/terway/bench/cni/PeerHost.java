package io.terway.bench.cni;

import io.terway.bench.Place;
import io.terway.bench.Unmeasurable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A network and mount namespace of its own in which containernetworking's ptp and host-local run. */
public final class PeerHost implements AutoCloseable {

    private static final Path PLUGINS = Path.of("/usr/lib/cni");

    private final Process holder;

    private PeerHost(Process holder) {
        this.holder = holder;
    }

    /** True when the Debian package containernetworking-plugins is installed. */
    public static boolean installed() {
        return Files.isExecutable(PLUGINS.resolve("ptp"));
    }

    public static PeerHost start() {
        try {
            Process holder = new ProcessBuilder(
                            "unshare",
                            "--net",
                            "--mount",
                            "--propagation",
                            "private",
                            "--kill-child",
                            "sh",
                            "-c",
                            "ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/netns && echo ready && exec cat")
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (!"ready".equals(holder.inputReader().readLine())) {
                throw new Unmeasurable("no namespaces for the peer: root is needed");
            }
            return new PeerHost(holder);
        } catch (IOException e) {
            throw new Unmeasurable("no namespaces for the peer: " + e.getMessage());
        }
    }

    /** ptp + host-local there. */
    public PluginUnderTest plugin(Path work) {
        Path config = work.resolve("ptp.conf");
        Spawner.write(config, """
                {"cniVersion": "1.0.0", "name": "peer", "type": "ptp", "mtu": 1500,
                 "ipam": {"type": "host-local", "subnet": "10.200.0.0/16", "dataDir": "/run/host-local"}}
                """);
        String pid = Long.toString(holder.pid());
        return new PluginUnderTest(
                "ptp + host-local",
                new Place(List.of("nsenter", "--target", pid, "--net", "--mount")),
                PLUGINS.resolve("ptp"),
                config,
                Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
                "bench");
    }

    @Override
    public void close() {
        holder.destroy();
        try {
            if (!holder.waitFor(5, TimeUnit.SECONDS)) {
                holder.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
