package io.terway.agent.apply;

import io.terway.linux.netns.Lab;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.node.datapath.NodeNetwork;
import io.terway.node.datapath.PodAttachment;
import java.nio.file.Path;
import java.util.List;

/**
 * Services by IPVS as kube-proxy 1.31 sets it up, beside pods that share an ENI: inside a guest kernel, because this
 * machine's may lack it. That one in turn lacks nftables for IP, so the rules of kube-proxy and of our node's table
 * ({@link io.terway.node.datapath.NodePlan}) are written for iptables here, one for one.
 */
final class IpvsLaws {

    static final List<String> LAWS = List.of(
            "IPVS: pods and the node reach a pod of the node by its cluster address",
            "IPVS: a pod reaches itself by its own service",
            "IPVS: a pod reaches an endpoint beyond its ENI by a cluster address",
            "IPVS: others reach a pod by the node's port with the source kept or not",
            "IPVS: pods reach a pod of the node by the node's port",
            "IPVS: pods are intact beside the addresses and sysctls of kube-proxy");

    private static final int PORT = 8080;
    private static final int SERVICE_PORT = 80;
    private static final int NODE_PORT = 30080;

    private final OneNode node;
    private final PodAttachment a;
    private final PodAttachment b;
    private final DatapathApplier applier;

    private IpvsLaws(OneNode node, DatapathApplier applier) {
        this.node = node;
        this.applier = applier;
        node.plugPrimary();
        // Its rules and routes are there before its table is refused.
        applier.ensureNode(new NodeNetwork(List.of(Family.values()), List.of(), List.of(), true));
        a = plumbed("a", 11);
        b = plumbed("b", 12);
    }

    /** Says each law that holds; an exception otherwise. */
    static void run() {
        try (OneNode node = new OneNode();
                DatapathApplier applier = DatapathApplier.open(node.host)) {
            new IpvsLaws(node, applier).laws();
        }
    }

    private PodAttachment plumbed(String name, int n) {
        PodAttachment pod = node.pod(name, n);
        if (applier.add(pod) instanceof AddResult.Plumbed) {
            return pod;
        }
        throw new AssertionError("no pod " + name);
    }

    private void laws() {
        prepare();
        for (Family family : Family.values()) {
            serve(family, of(b, family), false);
            OneNode.talk(a.netns(), b.netns(), service(family), SERVICE_PORT, of(b, family), PORT);
            OneNode.talk(node.host, b.netns(), service(family), SERVICE_PORT, of(b, family), PORT);
        }
        holds(0);
        for (Family family : Family.values()) {
            OneNode.talk(b.netns(), b.netns(), service(family), SERVICE_PORT, of(b, family), PORT);
        }
        holds(1);
        for (Family family : Family.values()) {
            Ip beyond = OneNode.ENI.gateway(family).orElseThrow();
            serve(family, beyond, false);
            OneNode.talk(a.netns(), node.vpc, service(family), SERVICE_PORT, beyond, PORT);
        }
        holds(2);
        for (boolean local : List.of(false, true)) {
            for (Family family : Family.values()) {
                serve(family, of(b, family), local);
                OneNode.talk(node.vpc, b.netns(), nodeAddress(family), NODE_PORT, of(b, family), PORT);
            }
        }
        holds(3);
        for (Family family : Family.values()) {
            serve(family, of(b, family), false);
            OneNode.talk(a.netns(), b.netns(), nodeAddress(family), NODE_PORT, of(b, family), PORT);
        }
        holds(4);
        for (PodAttachment pod : List.of(a, b)) {
            if (!applier.check(pod).equals(new CheckResult.Intact())) {
                throw new AssertionError(applier.check(pod));
            }
        }
        holds(5);
    }

    /** What kube-proxy does once, and our node's table. */
    private void prepare() {
        on(node.host, """
                ip link add kube-ipvs0 type dummy
                sysctl -qw net.ipv4.vs.conntrack=1 net.ipv4.vs.conn_reuse_mode=0 net.ipv4.vs.expire_nodest_conn=1
                sysctl -qw net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2
                """);
        for (Family family : Family.values()) {
            String program = program(family);
            // The VPC drops what leaves a link with an address that is at home elsewhere.
            on(node.vpc, program + " -t raw -A PREROUTING -i port0 -s " + subnet(family) + " -j DROP");
            on(node.vpc, program + " -t raw -A PREROUTING -i port -s " + nodeAddress(family) + " -j DROP");
            on(node.host, """
                    ip addr add %2$s dev kube-ipvs0
                    %1$s -t mangle -A PREROUTING -i eth0 -m conntrack --ctstate NEW -j CONNMARK --set-xmark 0x10/0x10
                    %1$s -t mangle -A PREROUTING -i cali+ -m conntrack --ctdir REPLY -m connmark --mark 0x10/0x10 -j MARK --or-mark 0x10
                    %1$s -t nat -A POSTROUTING -s %3$s -o eth0 -j MASQUERADE
                    """.formatted(program, service(family), subnet(family)));
        }
    }

    /**
     * A service with one endpoint.
     *
     * @param local externalTrafficPolicy: the source is kept
     */
    private void serve(Family family, Ip endpoint, boolean local) {
        String real = bracketed(endpoint) + ":" + PORT;
        for (String virtual : List.of(
                bracketed(service(family)) + ":" + SERVICE_PORT, bracketed(nodeAddress(family)) + ":" + NODE_PORT)) {
            on(node.host, """
                    ipvsadm -D -t %1$s 2>/dev/null || true
                    ipvsadm -A -t %1$s -s rr
                    ipvsadm -a -t %1$s -r %2$s -m
                    """.formatted(virtual, real));
        }
        String nodePort = local
                ? ""
                : "-A KUBE-SERVICES -m addrtype --dst-type LOCAL -p tcp -m tcp --dport " + NODE_PORT
                        + " -j KUBE-MARK-MASQ\n";
        String rules = """
                *nat
                :KUBE-SERVICES - [0:0]
                :KUBE-POSTROUTING - [0:0]
                :KUBE-MARK-MASQ - [0:0]
                -A PREROUTING -j KUBE-SERVICES
                -A OUTPUT -j KUBE-SERVICES
                -I POSTROUTING -j KUBE-POSTROUTING
                -A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
                -A KUBE-SERVICES ! -s %1$s -d %2$s -p tcp -m tcp --dport %3$d -j KUBE-MARK-MASQ
                %4$s-A KUBE-POSTROUTING -s %5$s -d %5$s -p tcp -m tcp --dport %6$d -j MASQUERADE
                -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
                -A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
                -A KUBE-POSTROUTING -j MASQUERADE
                COMMIT
                """.formatted(subnet(family), service(family), SERVICE_PORT, nodePort, endpoint, PORT);
        on(node.host, program(family) + "-restore --noflush <<'END'\n" + rules + "END\n");
    }

    private static String program(Family family) {
        return family == Family.IPV4 ? "iptables-legacy" : "ip6tables-legacy";
    }

    private static String subnet(Family family) {
        return (family == Family.IPV4 ? OneNode.V4 : OneNode.V6).toString();
    }

    private static Ip service(Family family) {
        return Ip.parse(family == Family.IPV4 ? "172.16.0.10" : "fd00:172:16::10");
    }

    private static Ip nodeAddress(Family family) {
        return family == Family.IPV4 ? OneNode.NODE_V4 : OneNode.NODE_V6;
    }

    private static String bracketed(Ip ip) {
        return ip.family() == Family.IPV4 ? ip.toString() : "[" + ip + "]";
    }

    private static Ip of(PodAttachment pod, Family family) {
        return pod.addresses().stream()
                .filter(ip -> ip.family() == family)
                .findFirst()
                .orElseThrow();
    }

    private static void on(Path netns, String script) {
        String said = Lab.output(netns, "sh", "-ec", script);
        if (!said.isEmpty()) {
            throw new AssertionError(script + ": " + said);
        }
    }

    private static void holds(int law) {
        System.out.println("HOLDS: " + LAWS.get(law));
    }
}
