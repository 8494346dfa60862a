package io.terway.agent;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** An image of one static busybox, made here: no registry is asked. As a root file system, and as an OCI layout. */
final class BusyboxImage {

    static final String NAME = "terway.test/busybox:1";

    private static final Path PROGRAM = Path.of("/bin/busybox");
    private static final List<String> APPLETS = List.of("sh", "sleep", "ping", "httpd", "true", "cat", "ip");
    private static final String ARCHITECTURE = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    private static final String OCI = "application/vnd.oci.image.";

    private final Path directory;

    /** A blob of the layout. */
    private record Blob(String digest, long size) {

        String descriptor(String type, String more) {
            return "{\"mediaType\":\"" + OCI + type + "\",\"digest\":\"sha256:" + digest + "\",\"size\":" + size + more
                    + "}";
        }
    }

    BusyboxImage(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    static boolean isPossible() {
        return Files.isExecutable(PROGRAM);
    }

    /** What a container sees as its root. */
    Path rootFs() throws IOException, InterruptedException {
        Path root = Files.createDirectories(directory.resolve("root"));
        for (String name : List.of("bin", "etc", "proc", "sys", "tmp", "dev")) {
            Files.createDirectories(root.resolve(name));
        }
        if (!Files.exists(root.resolve("bin/busybox"))) {
            Files.copy(PROGRAM.toRealPath(), root.resolve("bin/busybox"));
            for (String applet : APPLETS) {
                Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
            }
        }
        return tar(root, directory.resolve("root.tar"));
    }

    /** One archive that a runtime can import, with the image under its name. */
    Path ociLayout() throws IOException, InterruptedException {
        Path layout = Files.createDirectories(directory.resolve("oci"));
        Files.createDirectories(layout.resolve("blobs/sha256"));
        Blob layer = blob(layout, Files.readAllBytes(rootFs()));
        Blob config = blob(
                layout,
                text("{\"architecture\":\"" + ARCHITECTURE + "\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/bin/sleep\","
                        + "\"100000\"],\"Env\":[\"PATH=/bin\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:"
                        + layer.digest() + "\"]}}"));
        Blob manifest = blob(
                layout,
                text("{\"schemaVersion\":2,\"mediaType\":\"" + OCI + "manifest.v1+json\",\"config\":"
                        + config.descriptor("config.v1+json", "") + ",\"layers\":["
                        + layer.descriptor("layer.v1.tar", "") + "]}"));
        String name = ",\"annotations\":{\"io.containerd.image.name\":\"" + NAME + "\"}";
        Files.write(
                layout.resolve("index.json"),
                text("{\"schemaVersion\":2,\"manifests\":[" + manifest.descriptor("manifest.v1+json", name) + "]}"));
        Files.write(layout.resolve("oci-layout"), text("{\"imageLayoutVersion\":\"1.0.0\"}"));
        return tar(layout, directory.resolve("oci.tar"));
    }

    private static byte[] text(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static Blob blob(Path layout, byte[] bytes) throws IOException {
        try {
            String digest = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            Files.write(layout.resolve("blobs/sha256").resolve(digest), bytes);
            return new Blob(digest, bytes.length);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static Path tar(Path what, Path archive) throws IOException, InterruptedException {
        Process tar = new ProcessBuilder(
                        "tar", "-C", what.toString(), "--owner=0", "--group=0", "-cf", archive.toString(), ".")
                .inheritIO()
                .start();
        if (tar.waitFor() != 0) {
            throw new IOException("tar of " + what + " failed");
        }
        return archive;
    }
}
