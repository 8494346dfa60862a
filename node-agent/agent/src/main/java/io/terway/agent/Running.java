package io.terway.agent;

import io.terway.agent.accel.Acceleration;
import io.terway.agent.ipam.IpamClient;
import io.terway.agent.ipam.Quarantine;
import io.terway.agent.ipam.Reports;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.metrics.AgentMetrics;
import io.terway.agent.node.EniLinks;
import io.terway.agent.node.IdentitySource;
import io.terway.agent.node.NodeIdentity;
import io.terway.agent.node.Preflight;
import io.terway.agent.policy.PolicyParts;
import io.terway.agent.sandbox.SandboxCalls;
import io.terway.agent.show.NodeReport;
import io.terway.agent.socket.CniSocket;
import io.terway.agent.socket.Spool;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.node.ledger.Binding;
import io.terway.wire.agent.v1.Node;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What exists once the agent has started, and what it tells of itself.
 *
 * @param loops whether each still runs, by what it does
 */
record Running(
        Ledger ledger,
        BootClock clock,
        EniLinks links,
        IdentitySource identity,
        Reports reports,
        IpamClient ipam,
        Quarantine quarantine,
        SandboxCalls calls,
        CniSocket socket,
        Spool spool,
        PolicyParts policy,
        Optional<Acceleration> acceleration,
        Map<String, BooleanSupplier> loops) {

    /** A loop that runs no more. */
    Optional<String> ended() {
        return loops.entrySet().stream()
                .filter(loop -> !loop.getValue().getAsBoolean())
                .map(Map.Entry::getKey)
                .findFirst();
    }

    AgentMetrics.Figures figures() {
        return ledger.read(state -> new AgentMetrics.Figures(
                NodeReport.pool(state, clock.now()),
                (int) state.enis().stream().filter(e -> !e.primary()).count(),
                (int) state.enis().stream()
                        .filter(e -> links.link(e.id()).isPresent())
                        .count(),
                (int) state.bindings().stream().filter(Binding::fixed).count(),
                acceleration.map(Acceleration::size).orElse(0)));
    }

    /** The node for terway-cli. */
    Node show(NodeName node, List<Preflight.Finding> findings) {
        Node.Builder shown = ledger
                .read(state -> NodeReport.of(
                        state,
                        clock.now(),
                        eni -> links.link(eni).map(l -> l.link()).orElse("")))
                .toBuilder();
        shown.setName(node.value())
                .setIpam(ipam.status())
                .setPolicy(policy.status())
                .setQuarantine(quarantine.reason())
                .setSpooled(spool.size())
                .setAcceleration(acceleration.map(Acceleration::status).orElse("off: terway.acceleration is false"))
                .addAllFindings(NodeReport.of(findings));
        NodeIdentity known = identity.knownOrNull();
        if (known != null) {
            shown.setInstanceId(known.instance().value())
                    .addAllNodeAddresses(
                            known.addresses().stream().map(Ip::toString).toList());
        }
        return shown.build();
    }

    void close() throws IOException {
        acceleration.ifPresent(Acceleration::close);
        socket.close();
        spool.close();
        ipam.close();
        policy.close();
        reports.close();
        links.close();
        ledger.close();
    }
}
