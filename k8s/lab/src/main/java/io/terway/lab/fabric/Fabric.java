package io.terway.lab.fabric;

import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.lab.Refusal;
import io.terway.lab.Shell;
import io.terway.lab.fabric.firewall.GroupFirewall;
import io.terway.net.Cidr;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The router of the simulated VPC in its own namespace. Outlives the process that drives it: what is in the kernel is
 * read when a Fabric opens, and only differences are applied, so packets flow on while the cloud restarts.
 *
 * <p>Callable from any thread; changes are made one at a time.
 */
public final class Fabric {
    /** The router's namespace below /run/netns. */
    public static final String NETNS = "vpc";

    /** The router's link to the management namespace. */
    public static final String MANAGEMENT_LINK = "mgmt";

    /** An operation can fail because the kernel is not as remembered: one look and one more try. */
    private static final int TRIES = 2;

    private final ReentrantLock lock = new ReentrantLock();
    private final GroupFirewall firewall = new GroupFirewall(MANAGEMENT_LINK); // guarded by lock
    private RouterView known; // guarded by lock

    private Fabric(RouterView known) {
        this.known = known;
    }

    /** Takes over the router that {@link Router#make} made, with whatever an earlier Fabric left in it. */
    public static Fabric open() {
        Shell.need(
                List.of("nsenter", "--net=/run/netns/" + NETNS, "nft", "-f", "-"), FabricScript.rules(MANAGEMENT_LINK));
        return new Fabric(RouterReader.read(NETNS));
    }

    /**
     * Makes the router carry exactly these ENIs. When it returns, packets flow as the VPC says.
     *
     * @return the number of changes made to links, routes and sources
     * @throws Refusal when a tool refuses twice
     */
    public int apply(Collection<Plug> plugs, Collection<Cidr> subnets, Collection<SecurityGroup> groups) {
        lock.lock();
        try {
            for (int attempt = 1; ; attempt++) {
                List<FabricOp> ops = FabricPlanner.plan(plugs, subnets, known);
                GroupFirewall.Change rules = firewall.to(plugs, groups);
                try {
                    execute(FabricScript.of(ops), rules.text());
                    rules.executed().run();
                    known = FabricPlanner.wanted(plugs, subnets);
                    return ops.size();
                } catch (Refusal refusal) {
                    known = RouterReader.read(NETNS);
                    firewall.forget();
                    if (attempt == TRIES) {
                        throw refusal;
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sources are allowed before routes lead here, so nothing of a new address is dropped. */
    private static void execute(FabricScript script, String groups) {
        Tagging.unbind(NETNS, script.unbinds());
        if (!script.nft().isEmpty() || !groups.isEmpty()) {
            Shell.need(List.of("nsenter", "--net=/run/netns/" + NETNS, "nft", "-f", "-"), script.nft() + groups);
        }
        batch(NETNS, script.router());
        script.nodes().forEach(node -> batch(node.node(), node.lines()));
        Tagging.bind(NETNS, script.binds());
    }

    private static void batch(String netns, String lines) {
        if (!lines.isEmpty()) {
            Shell.need(List.of("ip", "-n", netns, "-batch", "-"), lines);
        }
    }
}
