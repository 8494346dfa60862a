package io.terway.agent.node;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * What on this node will get into pods' way, and what to do about it: looked at when the agent starts and whenever somebody
 * asks. Only files are read, and the kernel is asked for its clock; a file that is not there finds nothing. Those of the node
 * beside {@code /proc} are shown to the agent's container by its DaemonSet.
 */
public final class Preflight {

    private static final Logger LOG = Logger.getLogger(Preflight.class);

    private static final int MIN_CONNTRACK = 1_000_000;
    private static final int MIN_NEIGHBOURS = 8192;
    private static final int MIN_MTU = 1500;
    private static final Pattern CONFIGURATION = Pattern.compile(".*\\.(conf|conflist|json)");
    private static final Pattern TAKES_LINKS =
            Pattern.compile("(?s).*SUBSYSTEM==\"net\".*(RUN\\+?=|ENV\\{SYSTEMD_WANTS).*");

    private static final Pattern SETS_RP_FILTER =
            Pattern.compile("(?m)^\\s*-?net[./]ipv4[./]conf[./](\\*|all|default)[./]rp_filter\\s*=\\s*[12]\\s*$");

    private final Path root;
    private final Optional<Path> configurations;
    private final BooleanSupplier clockIsKept;

    /**
     * One thing to mend.
     *
     * @param what is the matter, with object and value
     * @param remedy what to do
     */
    public record Finding(String what, String remedy) {}

    /**
     * @param root of the file system that is looked at
     * @param configurations where the runtime looks for network configurations; empty when it is not known
     * @param clockIsKept whether somebody keeps the machine's clock right
     */
    public Preflight(Path root, Optional<Path> configurations, BooleanSupplier clockIsKept) {
        this.root = root;
        this.configurations = configurations;
        this.clockIsKept = clockIsKept;
    }

    /** Says each finding in the log. */
    public void log() {
        findings().forEach(f -> LOG.warnf("preflight: %s; %s", f.what(), f.remedy()));
    }

    public List<Finding> findings() {
        List<Finding> found = new ArrayList<>();
        kernel(found);
        least(
                found,
                "proc/sys/net/netfilter/nf_conntrack_max",
                MIN_CONNTRACK,
                "kube-proxy sets it to 32768 per core when"
                        + " it starts: set its --conntrack-max-per-core=0, or conntrack.maxPerCore: 0 in its configuration");
        least(found, "proc/sys/net/ipv4/neigh/default/gc_thresh3", MIN_NEIGHBOURS, "put it into /etc/sysctl.d");
        otherConfigurations(found);
        networkManager(found);
        udev(found);
        rpFilter(found);
        firewalld(found);
        mtu(found);
        clock(found);
        return List.copyOf(found);
    }

    /** Features are probed by use elsewhere; without these nothing starts. */
    private void kernel(List<Finding> found) {
        if (Files.isDirectory(root.resolve("proc/sys/net")) && !Files.isDirectory(root.resolve("proc/sys/net/ipv6"))) {
            found.add(new Finding(
                    "the kernel has no IPv6 (booted with ipv6.disable=1?)", "ip_stack must be ipv4 on this node"));
        }
        Path writable = root.resolve("proc/sys/net/ipv4/ip_forward");
        if (Files.exists(writable) && !Files.isWritable(writable)) {
            found.add(new Finding(
                    "/proc/sys is mounted read-only",
                    "give the agent's container a writable /proc/sys/net (see k8s/base)"));
        }
    }

    private void least(List<Finding> found, String file, int least, String remedy) {
        number(file)
                .filter(value -> value < least)
                .ifPresent(value -> found.add(new Finding(
                        file.substring("proc/sys/".length()).replace('/', '.') + " is " + value + ", pods need "
                                + least,
                        remedy)));
    }

    /** A runtime takes the first by name. */
    private void otherConfigurations(List<Finding> found) {
        for (String name : configurations.map(this::names).orElse(List.of())) {
            if (!name.startsWith(".")
                    && CONFIGURATION.matcher(name).matches()
                    && name.compareTo(PluginInstall.CONFLIST) < 0) {
                found.add(new Finding(
                        "the runtime takes the network configuration "
                                + configurations.orElseThrow().resolve(name) + " before " + PluginInstall.CONFLIST,
                        "move it away once no pod uses that network"));
            }
        }
    }

    private void networkManager(List<Finding> found) {
        if (!listens("/run/NetworkManager/")) {
            return;
        }
        boolean told = contents("etc/NetworkManager/conf.d").stream().anyMatch(c -> c.contains("unmanaged-devices"));
        if (!told) {
            found.add(new Finding(
                    "NetworkManager runs and no file in /etc/NetworkManager/conf.d tells it to leave links alone",
                    "add one with '[keyfile]' and 'unmanaged-devices=interface-name:eth[1-9]*;interface-name:cali*'"));
        }
    }

    private void udev(List<Finding> found) {
        Path directory = root.resolve("etc/udev/rules.d");
        for (String name : names(directory)) {
            if (text(directory.resolve(name))
                    .filter(TAKES_LINKS.asMatchPredicate())
                    .isPresent()) {
                found.add(new Finding(
                        "/etc/udev/rules.d/" + name + " runs something for every network link that appears",
                        "exclude ENIs from it (multi-nic-util does this: remove that package)"));
            }
        }
    }

    private void mtu(List<Finding> found) {
        number("sys/class/net/eth0/mtu")
                .filter(mtu -> mtu < MIN_MTU)
                .ifPresent(mtu -> found.add(new Finding(
                        "eth0 has MTU " + mtu + ", the VPC carries " + MIN_MTU,
                        "set it in the node's network configuration")));
    }

    /** Certificates and tokens are judged by it; addresses' cool-downs are not. */
    private void clock(List<Finding> found) {
        if (!clockIsKept.getAsBoolean()) {
            found.add(new Finding(
                    "nobody keeps this node's clock right", "let chronyd or systemd-timesyncd reach its servers"));
        }
    }

    /** What the system sets on each link that appears, it sets on pods' links too, after us. */
    private void rpFilter(List<Finding> found) {
        Path directory = root.resolve("etc/sysctl.d");
        for (String name : names(directory)) {
            if (text(directory.resolve(name))
                    .filter(t -> SETS_RP_FILTER.matcher(t).find())
                    .isPresent()) {
                found.add(new Finding(
                        "/etc/sysctl.d/" + name + " sets rp_filter, which drops what pods get by another link than they"
                                + " answer by; the agent sets it back each time",
                        "set it to 0 there"));
            }
        }
    }

    private void firewalld(List<Finding> found) {
        if (listens("/run/firewalld/")) {
            found.add(new Finding(
                    "firewalld runs, and rejects what is forwarded to and from pods",
                    "disable it: systemctl disable --now firewalld"));
        }
    }

    /** True when somebody has a socket below this path of the node's: those are the network's, not the container's. */
    private boolean listens(String directory) {
        return text(root.resolve("proc/net/unix"))
                .filter(t -> t.contains(" " + directory))
                .isPresent();
    }

    private Optional<Long> number(String file) {
        return text(root.resolve(file)).map(String::strip).filter(isNumber()).map(Long::valueOf);
    }

    private static Predicate<String> isNumber() {
        return Pattern.compile("[0-9]{1,18}").asMatchPredicate();
    }

    private List<String> contents(String directory) {
        Path path = root.resolve(directory);
        return names(path).stream()
                .flatMap(name -> text(path.resolve(name)).stream())
                .toList();
    }

    private List<String> names(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        } catch (IOException | UncheckedIOException unreadable) {
            return List.of();
        }
    }

    private static Optional<String> text(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        // Not Files.readString: of a file of size 0 it reads one byte first, and the kernel gives a number only at
        // once.
        try (InputStream in = Files.newInputStream(file)) {
            return Optional.of(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }
}
