package io.terway.lab.fabric.firewall;

import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.lab.fabric.Plug;
import java.util.Collection;

/**
 * Remembers the rules that the router has and says how to change them. Starts by replacing what an earlier process left,
 * since that is cheaper than reading it back. Not thread-safe.
 */
public final class GroupFirewall {
    private final String managementLink;
    private FirewallView known; // null until the first script was executed, and after one failed

    public GroupFirewall(String managementLink) {
        this.managementLink = managementLink;
    }

    /**
     * A script to be executed, and what is true when it was.
     *
     * @param text empty when nothing changes
     */
    public record Change(String text, Runnable executed) {}

    /** The change that makes the router judge as these groups say. */
    public Change to(Collection<Plug> plugs, Collection<SecurityGroup> groups) {
        FirewallView wanted = FirewallCompiler.compile(plugs, groups);
        String text =
                known == null ? FirewallScript.fresh(wanted, managementLink) : FirewallScript.difference(known, wanted);
        return new Change(text, () -> known = wanted);
    }

    /** The router may be anything now. */
    public void forget() {
        known = null;
    }
}
