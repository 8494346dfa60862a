package io.terway.agent;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.terway.agent.ipam.Foresight;
import io.terway.agent.ipam.IpamClient;
import io.terway.agent.ipam.IpamLink;
import io.terway.agent.ipam.Quarantine;
import io.terway.agent.ipam.Rebuilding;
import io.terway.agent.ipam.Reports;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.BrittleDisk;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.node.AfterReboot;
import io.terway.agent.node.EniLinks;
import io.terway.agent.node.NodeIdentity;
import io.terway.agent.pods.PodCache;
import io.terway.agent.pods.PodLookup;
import io.terway.agent.sandbox.SandboxCalls;
import io.terway.agent.sandbox.Supply;
import io.terway.cni.CniReply;
import io.terway.cni.Frames;
import io.terway.link.Address;
import io.terway.link.LeaderChannel;
import io.terway.link.Tls;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.ZoneId;
import io.terway.node.ledger.PodLife;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The agent without its edges: real ledger, real session, a model of the kernel. Its state outlives it, as after a kill. */
final class TestNode implements AutoCloseable {

    private static final Pattern ADDRESS = Pattern.compile("\"address\":\"([0-9.]+)/32\"");

    final KernelModel kernel;
    final BrittleDisk disk = new BrittleDisk();
    final Ledger ledger;
    final Quarantine quarantine;
    final IpamLink link = new IpamLink();
    final SandboxCalls calls;
    private final Path directory;
    private final BootClock clock;
    private final EniLinks links;
    private final PodCache pods;
    private final Reports reports;
    private final IpamClient client;

    TestNode(Path directory, KernelModel kernel, int ipamPort) {
        this(directory, kernel, ipamPort, BootClock.open());
    }

    TestNode(Path directory, KernelModel kernel, int ipamPort, BootClock clock) {
        this.clock = clock;
        this.directory = directory;
        this.kernel = kernel;
        Supply supply = new Supply();
        ledger = disk.open(directory, clock);
        quarantine = Quarantine.open(directory, ledger, kernel::everyConnected);
        pods = PodCache.open(directory.resolve("pods"));
        links = new EniLinks(ledger, kernel, supply);
        reports = new Reports(link, () -> ledger.read(s -> s.coolDown()));
        AfterReboot afterReboot = AfterReboot.open(directory, clock::now, ledger, _ -> Optional.empty());
        link.whenOpened(afterReboot::confirm);
        Foresight foresight = new Foresight(new NodeName("node-1"), ledger, link);
        client = new IpamClient(
                _ -> LeaderChannel.to(
                        new Address("127.0.0.1", ipamPort),
                        new LeaderChannel.Settings(
                                "kube-system", "terway-ipam", Optional.empty(), new Tls.Plaintext())),
                TestNode::identity,
                ledger,
                clock,
                pods,
                supply,
                link,
                foresight,
                reports,
                quarantine,
                new Rebuilding(ledger, clock, pods, kernel::everyConnected));
        calls = SandboxCalls.assemble(new SandboxCalls.Parts(
                new NodeName("node-1"),
                ledger,
                clock,
                pods,
                new PodLookup(pods, () -> {
                    throw new KubernetesClientException("the API server is down");
                }),
                link,
                foresight,
                afterReboot,
                links,
                kernel,
                supply,
                quarantine::reason,
                () -> "",
                () -> false,
                () -> {},
                (_, _, _) -> {}));
        ledger.listen(reports);
        links.start();
        reports.start();
        client.start();
    }

    private static NodeIdentity identity() {
        return new NodeIdentity(
                new NodeName("node-1"),
                "node-uid",
                new InstanceId("i-1"),
                new InstanceType("ecs.g7.xlarge"),
                new ZoneId("cn-hangzhou-h"),
                "cn-hangzhou",
                List.of(Ip.parse("10.0.0.10")));
    }

    boolean knows(String pod) {
        return pods.find(new PodLife(new PodRef("default", pod), "uid-" + pod)).isPresent();
    }

    /** Time since boot, as a plugin that starts now sees it. */
    Duration now() {
        return clock.now().sinceBoot();
    }

    /** A runtime's call for a sandbox whose namespace exists. */
    CniReply call(String verb, String container, String pod) {
        return call(verb, container, pod, now(), Frames.CONFIG);
    }

    CniReply call(String verb, String container, String pod, Duration started, String config) {
        return calls.server().handle(Frames.call(verb, container, pod, netns(container), started, config));
    }

    /** As {@link #call}, with what a runtime may also say. */
    CniReply call(String verb, String container, Map<String, String> said) {
        Map<String, String> environment = new LinkedHashMap<>(said);
        environment.put("CNI_COMMAND", verb);
        environment.put("CNI_CONTAINERID", container);
        environment.put("CNI_IFNAME", "eth0");
        return calls.server().handle(Frames.of(now(), environment, Frames.CONFIG));
    }

    Path netns(String container) {
        Path netns = directory.resolve("netns-" + container);
        try {
            Files.write(netns, new byte[0]); // of two calls at once both may find it missing
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return netns;
    }

    /** The address an ADD answered. */
    static Ip address(CniReply reply) {
        String output = output(reply);
        Matcher matcher = ADDRESS.matcher(output);
        if (!reply.isSuccess() || !matcher.find()) {
            throw new AssertionError(output);
        }
        return Ip.parse(matcher.group(1));
    }

    static String output(CniReply reply) {
        return new String(reply.output(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.close();
        reports.close();
        links.close();
        ledger.close();
    }
}
