package io.terway.sim;

import io.terway.ipam.IpamCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.IpamLoop;
import io.terway.ipam.PoolCommand;
import io.terway.ipam.SessionId;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.OfferedAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Invariants that {@link Truth} does not see. Each costs what the step changed; the whole is looked at in calm only. */
final class Checks {

    /** Far above what 8 nodes with 8 pods cause; reached only by something that piles up. */
    private static final int MOST_PENDING = 20_000;

    private static final int MOST_WAITING = 500;
    private static final long A_MINUTE = 59_000;

    private final World world;
    private final Map<String, Long> terms = new HashMap<>();

    Checks(World world) {
        this.world = world;
    }

    /** Invariant 10: an event costs nothing on other nodes. */
    void touchesOnly(IpamEvent event, List<IpamCommand> commands, Map<SessionId, Line> lines) {
        Optional<NodeName> about = about(event, lines);
        if (about.isEmpty()) {
            return;
        }
        for (IpamCommand command : commands) {
            Optional<NodeName> touched = touched(command, lines);
            if (touched.isPresent() && !touched.equals(about)) {
                throw new Broken(10, event + " of " + about.get() + " led to " + command);
            }
        }
    }

    private Optional<NodeName> about(IpamEvent event, Map<SessionId, Line> lines) {
        return switch (event) {
            case IpamEvent.NodeSeen seen -> Optional.of(seen.node());
            case IpamEvent.SessionOpened opened ->
                Optional.of(opened.hello().identity().node());
            case IpamEvent.LedgerReceived received -> node(received.session(), lines);
            case IpamEvent.WithdrawAcked acked -> node(acked.session(), lines);
            case IpamEvent.Allocate allocate -> node(allocate.session(), lines);
            case IpamEvent.Report report -> node(report.session(), lines);
            default -> Optional.empty();
        };
    }

    private static Optional<NodeName> touched(IpamCommand command, Map<SessionId, Line> lines) {
        return switch (command) {
            case IpamCommand.Say say -> node(say.session(), lines);
            case PoolCommand pool -> ofInstance(pool.instance().value());
            case IpamCommand.Describe describe -> ofInstance(describe.instance().value());
            case IpamCommand.ShowStatus status -> Optional.of(status.node());
            case IpamCommand.Anchor anchor -> Optional.of(anchor.node());
            default -> Optional.empty();
        };
    }

    private static Optional<NodeName> node(SessionId session, Map<SessionId, Line> lines) {
        return Optional.ofNullable(lines.get(session)).map(Line::node);
    }

    private static Optional<NodeName> ofInstance(String instance) {
        return Optional.of(new NodeName(instance.split("-")[1]));
    }

    /** Invariant 9. */
    void bounded(IpamLoop loop) {
        if (loop.sessions() > 2 * world.nodes.size() || loop.waiting() > MOST_WAITING) {
            throw new Broken(9, loop.sessions() + " sessions, " + loop.waiting() + " requests wait");
        }
        if (world.agenda.size() > MOST_PENDING) {
            throw new Broken(9, world.agenda.size() + " things are under way");
        }
    }

    /** Invariant 2: what a restarted agent reads knows every sandbox whose ADD was answered. */
    void survives(SimNode node, LedgerState state) {
        for (SandboxKey key : node.runtime().running()) {
            if (node.isPlumbed(key) && state.binding(key).isEmpty()) {
                throw new Broken(2, "the ledger of " + node.name() + " has forgotten " + key);
            }
        }
    }

    /** Rule 3, which several invariants lean on: no agent acts on a leader's word after a newer one's. */
    void hears(SimNode node, long term) {
        long highest = terms.merge(node.uid(), term, Math::max);
        if (term < highest) {
            throw new Broken(1, node.name() + " obeys term " + term + " after term " + highest + " has spoken");
        }
    }

    /** Invariant 6: nobody ends a sandbox that its runtime did not end. */
    void mayEnd(SimNode node, SandboxKey key) {
        if (node.runtime().isAlive(key)) {
            throw new Broken(6, key + " of " + node.name() + " is cut off though nobody deleted it");
        }
    }

    /** Invariant 6: an agent that serves for a minute has carried out every DEL that was answered before. */
    void ended(SimNode node, SandboxKey key, long upSince) {
        if (node.runtime().goneFor(key, upSince) > A_MINUTE) {
            throw new Broken(6, "the DEL of " + key + " on " + node.name() + " was answered and never carried out");
        }
    }

    void noticed(IpamCommand.Notice notice) {
        if (notice.reason().equals("UnknownAddress") && world.weather.isCalm()) {
            throw new Broken(0, notice.message());
        }
    }

    /** After a long calm everything wanted is there and nothing else is. */
    void settled() {
        for (SimNode node : world.nodes) {
            if (node.agent().isEmpty() || !node.agent().get().quarantine().isEmpty()) {
                throw new Broken(
                        0,
                        node.name() + " does not serve: "
                                + node.agent().map(SimAgent::quarantine).orElse("no agent"));
            }
            List<SandboxKey> starting = node.runtime().starting();
            if (!starting.isEmpty()) {
                throw new Broken(0, node.name() + " still starts or ends " + starting + "; " + world.view(node));
            }
            LedgerState state = node.agent().get().ledger().orElseThrow();
            sameSandboxes(node, state);
            sameAddresses(node, state);
        }
        if (!world.cloud.adrift().isEmpty()) {
            throw new Broken(5, "ENIs are left behind: " + world.cloud.adrift());
        }
    }

    private static void sameSandboxes(SimNode node, LedgerState state) {
        Set<SandboxKey> held = new HashSet<>();
        state.bindings().stream().map(Binding::key).forEach(held::add);
        Set<SandboxKey> running = Set.copyOf(node.runtime().running());
        if (!held.equals(running)) {
            throw new Broken(6, "the ledger of " + node.name() + " holds " + held + ", but there run " + running);
        }
    }

    private void sameAddresses(SimNode node, LedgerState state) {
        Set<Ip> offered = new HashSet<>();
        state.offered().stream().map(OfferedAddress::ip).forEach(offered::add);
        Set<Ip> assigned = world.cloud.addresses(node.instance());
        if (!offered.equals(assigned)) {
            throw new Broken(
                    5,
                    "the ledger of " + node.name() + " may use " + offered + ", its ENIs have " + assigned + "; "
                            + world.view(node));
        }
    }
}
