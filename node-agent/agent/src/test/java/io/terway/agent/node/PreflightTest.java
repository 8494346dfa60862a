package io.terway.agent.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreflightTest {

    private static final String SOCKETS =
            "Num RefCount Protocol Flags Type St Inode Path\n" + "0: 00000002 00000000 00010000 0001 01 12 ";

    @TempDir
    Path root;

    private boolean clockIsKept = true;

    private List<Preflight.Finding> findings() {
        return new Preflight(root, Optional.of(root.resolve("net.d")), () -> clockIsKept).findings();
    }

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    @Test
    void aNodeThatShowsNothingFindsNothing() {
        assertEquals(List.of(), findings());
    }

    @Test
    void aSoundNodeFindsNothing() throws IOException {
        file("proc/sys/net/ipv6/x", "");
        file("proc/sys/net/netfilter/nf_conntrack_max", "1048576\n");
        file("proc/sys/net/ipv4/neigh/default/gc_thresh3", "8192\n");
        file("sys/class/net/eth0/mtu", "8500\n");
        file("net.d/10-terway.conflist", "{}");
        file("net.d/99-loopback.conf", "{}");
        file("net.d/.05-being-written.conf", "{}");
        file("proc/net/unix", SOCKETS + "/run/NetworkManager/private");
        file("etc/sysctl.d/99-k8s.conf", "net.ipv4.conf.all.rp_filter = 0\n# net.ipv4.conf.all.rp_filter = 1\n");
        file("etc/NetworkManager/conf.d/terway.conf", "[keyfile]\nunmanaged-devices=interface-name:eth*\n");
        file("etc/udev/rules.d/70-disk.rules", "SUBSYSTEM==\"block\", RUN+=\"/x\"");

        assertEquals(List.of(), findings());
    }

    @ParameterizedTest
    @CsvSource({
        "proc/sys/net/netfilter/nf_conntrack_max, 65536, net.netfilter.nf_conntrack_max is 65536, kube-proxy",
        "proc/sys/net/ipv4/neigh/default/gc_thresh3, 1024, gc_thresh3 is 1024, sysctl.d",
        "sys/class/net/eth0/mtu, 1400, eth0 has MTU 1400, network configuration",
        "net.d/05-cilium.conflist, {}, net.d/05-cilium.conflist before 10-terway.conflist, move it away",
        "net.d/10-terway.conf, {}, net.d/10-terway.conf before 10-terway.conflist, move it away",
        "proc/net/unix, SOCKETS/run/NetworkManager/private, NetworkManager runs, unmanaged-devices",
        "proc/net/unix, SOCKETS/run/firewalld/x, firewalld runs, systemctl disable",
        "etc/sysctl.d/50-default.conf, -net.ipv4.conf.*.rp_filter = 2, 50-default.conf sets rp_filter, set it to 0",
        "etc/sysctl.d/k8s.conf, net/ipv4/conf/all/rp_filter=1, k8s.conf sets rp_filter, set it to 0",
        "etc/udev/rules.d/75-eni.rules, 'SUBSYSTEM==\"net\", ACTION==\"add\", RUN+=\"/sbin/eni\"', 75-eni.rules runs, exclude"
    })
    void eachTroubleIsNamedWithItsRemedy(String name, String text, String what, String remedy) throws IOException {
        file("proc/sys/net/ipv6/x", "");
        file(name, text.replace("SOCKETS", SOCKETS));

        Preflight.Finding found = findings().getFirst();
        assertEquals(1, findings().size());
        assertTrue(found.what().contains(what), found.what());
        assertTrue(found.remedy().contains(remedy), found.remedy());
    }

    @Test
    void aClockThatNobodyKeepsIsNamed() {
        clockIsKept = false;

        assertTrue(findings().getFirst().what().contains("clock"));
        assertTrue(findings().getFirst().remedy().contains("chronyd"));
    }

    @Test
    void aKernelWithoutIpv6IsNamed() throws IOException {
        file("proc/sys/net/ipv4/ip_forward", "1");

        assertFalse(findings().isEmpty());
        assertTrue(findings().getFirst().what().contains("no IPv6"));
    }

    @Test
    void readsTheKernelsNumbersWhole() throws IOException {
        String number = Files.readAllLines(Path.of("/proc/sys/net/ipv4/neigh/default/gc_thresh3"))
                .getFirst();
        boolean told = new Preflight(Path.of("/"), Optional.empty(), () -> true)
                .findings().stream().anyMatch(f -> f.toString().contains("gc_thresh3 is " + number + ","));
        assertEquals(Long.parseLong(number) < 8192, told);
    }
}
