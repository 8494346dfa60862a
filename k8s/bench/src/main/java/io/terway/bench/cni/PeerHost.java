package io.terway.bench.cni;

import io.terway.bench.OwnHost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A host of its own on which containernetworking's ptp and host-local run. */
public final class PeerHost implements AutoCloseable {

    private static final Path PLUGINS = Path.of("/usr/lib/cni");

    private final OwnHost host = OwnHost.start("the peer", "");

    /** True when the Debian package containernetworking-plugins is installed. */
    public static boolean installed() {
        return Files.isExecutable(PLUGINS.resolve("ptp"));
    }

    /** ptp + host-local there. */
    public PluginUnderTest plugin(Path work) {
        Path config = work.resolve("ptp.conf");
        Spawner.write(config, """
                {"cniVersion": "1.0.0", "name": "peer", "type": "ptp", "mtu": 1500,
                 "ipam": {"type": "host-local", "subnet": "10.200.0.0/16", "dataDir": "/run/host-local"}}
                """);
        return new PluginUnderTest(
                "ptp + host-local",
                host.place(),
                PLUGINS.resolve("ptp"),
                config,
                Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"),
                "bench");
    }

    @Override
    public void close() {
        host.close();
    }
}
