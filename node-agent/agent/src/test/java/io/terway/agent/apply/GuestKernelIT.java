package io.terway.agent.apply;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The datapaths whose links this machine's kernel may lack, with packets, in user-mode Linux: a guest kernel from a Debian
 * package that boots in seconds, sees this machine's files read-only and runs {@link GuestLaws}.
 */
class GuestKernelIT {

    private static final Path KERNEL = Path.of("/usr/bin/linux.uml");
    private static final Path MODULES = Path.of("/usr/lib/uml/modules");
    private static final Path MODPROBE = Path.of("/usr/sbin/modprobe");
    private static final Path IPVSADM = Path.of("/usr/sbin/ipvsadm");
    private static final int BOOT_AND_RUN_SECONDS = 240;

    @Test
    @Timeout(300)
    void ipvlanAndVlanPodsWorkInAGuestKernel() throws IOException, InterruptedException {
        Assumptions.assumeTrue(
                Files.isExecutable(KERNEL)
                        && Files.isDirectory(MODULES)
                        && Files.isExecutable(MODPROBE)
                        && Files.isExecutable(IPVSADM),
                "package: needs user-mode-linux, kmod and ipvsadm");
        Path directory = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "guest");
        Path init = directory.resolve("init");
        Files.writeString(init, script());
        Files.setPosixFilePermissions(init, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path log = directory.resolve("log");

        boot(init, log);

        String said = Files.readString(log);
        List<String> held = said.lines()
                .filter(line -> line.startsWith("HOLDS: "))
                .map(line -> line.substring("HOLDS: ".length()).strip())
                .toList();
        assertEquals(GuestLaws.ALL, held, said);
    }

    private static void boot(Path init, Path log) throws IOException, InterruptedException {
        Process guest = new ProcessBuilder(
                        KERNEL.toString(),
                        "mem=768M",
                        "root=/dev/root",
                        "rootfstype=hostfs",
                        "rootflags=/",
                        "ro",
                        "init=" + init,
                        "quiet",
                        "con=null",
                        "con0=null,fd:1")
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(log.toFile())
                .start();
        if (!guest.waitFor(BOOT_AND_RUN_SECONDS, TimeUnit.SECONDS)) {
            guest.descendants().forEach(ProcessHandle::destroyForcibly);
            guest.destroyForcibly().waitFor();
        }
    }

    /** The guest's first process: what Java needs mounted, the modules, the laws, and off. */
    private static String script() {
        String java = ProcessHandle.current().info().command().orElseThrow();
        return """
                #!/bin/sh
                export PATH=/usr/sbin:/usr/bin:/sbin:/bin
                mount -t proc proc /proc
                mount -t sysfs sys /sys
                mount -t tmpfs run /run
                mount -t tmpfs tmp /tmp
                mkdir -p /tmp/m/lib/modules
                mount --bind %s /tmp/m/lib/modules
                printf '#!/bin/sh\\nexec %s -d /tmp/m "$@"\\n' > /tmp/modprobe
                chmod +x /tmp/modprobe
                echo /tmp/modprobe > /proc/sys/kernel/modprobe
                for module in ipv6 veth ipvlan 8021q dummy ifb ip_vs ip_vs_rr; do modprobe -d /tmp/m $module; done
                ip link set lo up
                %s -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m --enable-native-access=ALL-UNNAMED \\
                  -cp '%s' io.terway.agent.apply.GuestLaws 2>&1
                poweroff -f
                """.formatted(MODULES, MODPROBE, java, System.getProperty("java.class.path"));
    }
}
