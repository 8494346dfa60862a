package io.terway.agent.node;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * Puts plugin and network configuration where the runtime looks, plugin first, each in one step. Called while the agent
 * serves: the configuration is what makes the node ready. Touches no file of others.
 */
public final class PluginInstall {

    private static final Logger LOG = Logger.getLogger(PluginInstall.class);

    private static final String PLUGIN = "terway";
    private static final String PORTMAP = "portmap";
    private static final String RESOURCE = "/io/terway/plugin/terway";
    static final String CONFLIST = "10-terway.conflist";

    private final Path binaries;
    private final Path configurations;

    public PluginInstall(Path binaries, Path configurations) {
        this.binaries = binaries;
        this.configurations = configurations;
    }

    /**
     * Installs both; an identical file is left alone (a runtime watches the directory).
     *
     * @param ownHostPorts host ports are ours, not the portmap plugin's
     * @return what was written
     */
    public List<Path> install(boolean ownHostPorts) throws IOException {
        byte[] plugin;
        try (InputStream in = PluginInstall.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException("this agent was built without the CNI plugin (" + RESOURCE + ")");
            }
            plugin = in.readAllBytes();
        }
        List<Path> written = new ArrayList<>();
        if (put(binaries.resolve(PLUGIN), plugin, "rwxr-xr-x")) {
            written.add(binaries.resolve(PLUGIN));
        }
        if (put(configurations.resolve(CONFLIST), conflist(ownHostPorts), "rw-r--r--")) {
            written.add(configurations.resolve(CONFLIST));
        }
        return written;
    }

    /** What a look without reading shows of the files that this depends on: equal until one of them changes. */
    List<Map<String, Object>> traces() throws IOException {
        return List.of(
                trace(binaries.resolve(PLUGIN)),
                trace(configurations.resolve(CONFLIST)),
                trace(binaries.resolve(PORTMAP)));
    }

    private static Map<String, Object> trace(Path file) throws IOException {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                ? Map.copyOf(Files.readAttributes(file, "unix:ino,size,ctime,mode", LinkOption.NOFOLLOW_LINKS))
                : Map.of();
    }

    /** Where host ports are not ours, portmap serves them; it is chained where the runtime's packages brought it. */
    private byte[] conflist(boolean ownHostPorts) {
        String capability = ", \"capabilities\": {\"portMappings\": true}}";
        String ours = "{\"type\": \"terway\"" + (ownHostPorts ? capability : "}");
        String portmap = !ownHostPorts && Files.isExecutable(binaries.resolve(PORTMAP))
                ? ",\n    {\"type\": \"portmap\"" + capability
                : "";
        return ("{\n  \"cniVersion\": \"1.0.0\",\n  \"name\": \"terway\",\n  \"plugins\": [\n    " + ours + portmap
                        + "\n  ]\n}\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The file before stays, whole, until the new one is: at each moment a runtime finds one or the other. */
    private static boolean put(Path file, byte[] bytes, String mode) throws IOException {
        Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(mode);
        if (isInstalled(file, bytes, permissions)) {
            return false;
        }
        Files.createDirectories(file.getParent());
        Path next = file.resolveSibling("." + file.getFileName() + ".new"); // runtimes skip names with a dot
        Files.deleteIfExists(next); // a killed agent's; a link would lead to a file of others
        Files.write(next, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Files.setPosixFilePermissions(next, permissions);
        try (FileChannel channel = FileChannel.open(next, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        LOG.infof("installed %s", file);
        return true;
    }

    private static boolean isInstalled(Path file, byte[] bytes, Set<PosixFilePermission> permissions)
            throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                && Files.getPosixFilePermissions(file).equals(permissions)
                && Arrays.equals(Files.readAllBytes(file), bytes);
    }
}
