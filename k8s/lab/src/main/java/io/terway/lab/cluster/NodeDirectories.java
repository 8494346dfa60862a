package io.terway.lab.cluster;

import io.terway.lab.Refusal;
import io.terway.lab.cluster.Layout.NodeLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a machine has before the add-on comes: its directories, and the chained plugin of its packages. */
final class NodeDirectories {
    private static final List<Path> PACKAGED =
            List.of(Path.of("/opt/cni/bin/portmap"), Path.of("/usr/lib/cni/portmap"));

    private NodeDirectories() {}

    /**
     * Makes what is missing. Our own plugin is the agent's to install.
     *
     * @throws Refusal when a directory or link cannot be made
     */
    static void make(NodeLayout node) {
        try {
            for (Path directory : List.of(node.lib(), node.spool(), node.run(), node.cniBin(), node.cniConf())) {
                Files.createDirectories(directory);
            }
            Path portmap = node.cniBin().resolve("portmap");
            for (Path packaged : PACKAGED) {
                if (Files.isExecutable(packaged) && !Files.exists(portmap)) {
                    Files.createSymbolicLink(portmap, packaged);
                }
            }
        } catch (IOException e) {
            throw new Refusal("cannot write " + node.root() + ": " + e.getMessage());
        }
    }
}
