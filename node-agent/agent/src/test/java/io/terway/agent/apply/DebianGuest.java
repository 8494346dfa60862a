package io.terway.agent.apply;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A guest with a kernel of Debian's, which has IPVlan, VLAN links and all of nftables at once. Emulated, so it runs anywhere
 * and slowly. It sees this machine's files read-only (9p) and runs the main method of a class.
 */
public final class DebianGuest {

    private static final Path TREE = Path.of("/usr/lib/terway-guest");
    private static final Path QEMU = Path.of("/usr/bin/qemu-system-x86_64");
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final Path MODPROBE = Path.of("/usr/sbin/modprobe");

    /** Without KVM, with two processors, one serial line, and this machine's files. */
    private static final String MACHINE =
            "-M q35 -accel tcg,thread=multi -cpu max -smp 2 -m 768 -nodefaults -no-user-config"
                    + " -display none -serial stdio -no-reboot -device virtio-9p-pci,fsdev=root,mount_tag=root"
                    + " -fsdev local,id=root,path=/,security_model=none,readonly=on,multidevs=remap";

    /** By which it reaches its files. */
    private static final List<String> FIRST = List.of("virtio_pci", "9p", "9pnet_virtio");

    private final Path directory;
    private final String version;

    private DebianGuest(Path directory, String version) {
        this.directory = directory;
        this.version = version;
    }

    /** Aborts the test where there is none. */
    public static DebianGuest here() throws IOException {
        boolean there = Files.exists(TREE.resolve("ready"))
                && Stream.of(QEMU, BUSYBOX, MODPROBE).allMatch(Files::isExecutable);
        Assumptions.assumeTrue(
                there,
                "kernel: no guest kernel with nftables, IPVlan and VLAN here"
                        + " (lab deps: qemu-system-x86, linux-image-amd64, busybox-static, kmod)");
        try (Stream<Path> modules = Files.list(TREE.resolve("lib/modules"))) {
            String version = modules.findFirst().orElseThrow().getFileName().toString();
            return new DebianGuest(Files.createTempDirectory(Path.of("target").toAbsolutePath(), "guest"), version);
        }
    }

    /** What it said until it went off, or until it was switched off for taking too long. */
    public String run(Class<?> laws, int patienceSeconds) throws IOException, InterruptedException {
        executable(directory.resolve("run"), script(laws));
        Path log = directory.resolve("log");
        List<String> command = new ArrayList<>(List.of(QEMU.toString()));
        command.addAll(List.of(MACHINE.split(" ")));
        command.addAll(
                List.of("-kernel", TREE.resolve("boot/vmlinuz-" + version).toString()));
        command.addAll(List.of("-initrd", initramfs().toString()));
        command.addAll(List.of("-append", "console=ttyS0 quiet mitigations=off panic=-1"));
        Process guest = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(log.toFile())
                .start();
        if (!guest.waitFor(patienceSeconds, TimeUnit.SECONDS)) {
            guest.destroyForcibly().waitFor();
        }
        return Files.readString(log);
    }

    /** A shell, the modules of its way to this machine's files, and what mounts those. */
    private Path initramfs() throws IOException, InterruptedException {
        Path root = Files.createDirectory(directory.resolve("initramfs"));
        Files.createDirectory(root.resolve("root"));
        Files.copy(BUSYBOX, root.resolve("busybox"));
        StringBuilder insert = new StringBuilder();
        for (Path module : modules()) {
            Files.copy(module, root.resolve(module.getFileName()));
            insert.append("/busybox insmod /").append(module.getFileName()).append('\n');
        }
        executable(root.resolve("init"), """
                #!/busybox sh
                %s/busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro root /root
                /busybox mount -t proc proc /root/proc
                /busybox mount -t sysfs sys /root/sys
                /busybox mount -t devtmpfs dev /root/dev
                /busybox mount -t tmpfs run /root/run
                exec /busybox switch_root /root %s
                """.formatted(insert, directory.resolve("run")));
        Process packing = new ProcessBuilder(
                        "sh", "-c", "cd " + root + " && find . | " + BUSYBOX + " cpio -o -H newc > ../initramfs.cpio")
                .inheritIO()
                .start();
        if (packing.waitFor() != 0) {
            throw new IOException("cannot pack " + root);
        }
        return directory.resolve("initramfs.cpio");
    }

    /** Those it needs first, each behind those that it needs itself; built-in ones are not listed. */
    private Set<Path> modules() throws IOException {
        Path all = TREE.resolve("lib/modules").resolve(version);
        List<String> dependencies = Files.readAllLines(all.resolve("modules.dep"));
        Set<Path> files = new LinkedHashSet<>();
        for (String name : FIRST) {
            dependencies.stream()
                    .filter(line -> line.contains("/" + name + ".ko:"))
                    .forEach(line -> {
                        List<String> needed =
                                new ArrayList<>(List.of(line.replace(":", "").split(" ")));
                        needed.reversed().forEach(file -> files.add(all.resolve(file)));
                    });
        }
        return files;
    }

    /** Verifying byte code again would take a third of the time. */
    private static String script(Class<?> laws) {
        String java = ProcessHandle.current().info().command().orElseThrow();
        return """
                #!/bin/sh
                export PATH=/usr/sbin:/usr/bin:/sbin:/bin
                mkdir -p /run/tmp /run/m/lib
                ln -s %s/lib/modules /run/m/lib/modules
                printf '#!/bin/sh\\nexec %s -d /run/m "$@"\\n' > /run/modprobe
                chmod +x /run/modprobe
                echo /run/modprobe > /proc/sys/kernel/modprobe
                for module in veth ipvlan 8021q nf_tables nf_conntrack_netlink nfnetlink_log; do modprobe -d /run/m $module; done
                ip link set lo up
                %s -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote -XX:-UsePerfData -Xmx256m \\
                  -Djava.io.tmpdir=/run/tmp --enable-native-access=ALL-UNNAMED -cp '%s' %s 2>&1
                poweroff -f
                """.formatted(TREE, MODPROBE, java, System.getProperty("java.class.path"), laws.getName());
    }

    private static void executable(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
