package io.terway.ipam.grpc;

import io.terway.ipam.AllocateOutcome;
import io.terway.ipam.FixedCommand;
import io.terway.ipam.IpamCommand;
import io.terway.ipam.NodeView;
import io.terway.ipam.PoolCommand;
import io.terway.ipam.audit.AuditTrail;
import io.terway.ipam.cloud.CloudCalls;
import io.terway.ipam.k8s.EventWriter;
import io.terway.ipam.k8s.NodeInfoWriter;
import io.terway.ipam.k8s.NodeWriter;
import io.terway.ipam.k8s.PodNetInfoWriter;
import io.terway.ipam.k8s.Releases;
import io.terway.ipam.leader.LoopThread;
import io.terway.net.NodeName;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.LongConsumer;
import org.jboss.logging.Logger;

/** Carries out the core's commands. Runs on the loop's thread: each branch only hands over. */
final class Effects implements BiConsumer<LoopThread, IpamCommand> {

    private static final Logger LOG = Logger.getLogger(Effects.class);

    private final SessionHub sessions;
    private final Tickets tickets;
    private final CloudCalls cloud;
    private final NodeWriter nodes;
    private final NodeInfoWriter infos;
    private final PodNetInfoWriter fixed;
    private final Releases releases;
    private final EventWriter events;
    private final AuditTrail audit;
    private final IpamMetrics metrics;
    private final LongConsumer seenTerms;

    Effects(
            SessionHub sessions,
            Tickets tickets,
            CloudCalls cloud,
            NodeWriter nodes,
            NodeInfoWriter infos,
            PodNetInfoWriter fixed,
            Releases releases,
            EventWriter events,
            AuditTrail audit,
            IpamMetrics metrics,
            LongConsumer seenTerms) {
        this.sessions = sessions;
        this.tickets = tickets;
        this.cloud = cloud;
        this.nodes = nodes;
        this.infos = infos;
        this.fixed = fixed;
        this.releases = releases;
        this.events = events;
        this.audit = audit;
        this.metrics = metrics;
        this.seenTerms = seenTerms;
    }

    @Override
    public void accept(LoopThread loop, IpamCommand command) {
        switch (command) {
            case IpamCommand.Say say -> sessions.say(say.session(), say.word());
            case IpamCommand.EndSession end -> {
                LOG.infof("session %s ends: %s", end.session(), end.reason());
                sessions.end(end);
            }
            case IpamCommand.AnswerAllocate answer -> {
                count(answer.outcome());
                tickets.answer(answer.ticket(), answer.outcome());
            }
            case IpamCommand.AnswerReport answer -> tickets.answer(answer.ticket(), answer.outcome());
            case PoolCommand pool -> cloud.run(loop, pool);
            case IpamCommand.Describe describe -> cloud.describe(loop, describe.instance(), describe.fresh());
            case IpamCommand.Audit entry -> audit.write(entry);
            case IpamCommand.Notice notice -> events.node(notice);
            case IpamCommand.ShowStatus status -> {
                nodes.status(status);
                infos.changed(status.node(), loop.term(), () -> view(loop, status.node()));
            }
            case IpamCommand.Anchor anchor -> nodes.anchor(anchor);
            case IpamCommand.AnchorPodCidrs anchor -> nodes.anchor(anchor);
            case FixedCommand.Write write -> fixed.write(loop, write);
            case FixedCommand.Show show -> fixed.show(show);
            case FixedCommand.Count count -> fixed.count(count);
            case FixedCommand.Ask ask -> fixed.ask(ask);
            case FixedCommand.HandOver handOver -> fixed.handOver(loop, handOver);
            case FixedCommand.Release release -> releases.release(release.address());
            case FixedCommand.ShowNode node -> nodes.fixed(node);
            case FixedCommand.Tell tell -> events.pod(tell.pod(), tell.uid(), tell.reason(), tell.message());
            case IpamCommand.StepDown stepDown -> seenTerms.accept(stepDown.seenTerm());
        }
    }

    /** Asked by the writer's thread; an end of the term in between is no answer. */
    private static Optional<NodeView> view(LoopThread loop, NodeName node) {
        try {
            return loop.ask(core -> core.view(node)).get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debugf("node %s is not shown: %s", node, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.empty();
    }

    private void count(AllocateOutcome outcome) {
        metrics.allocation(
                switch (outcome) {
                    case AllocateOutcome.Proposed _ -> "proposed";
                    case AllocateOutcome.Pending _ -> "pending";
                    case AllocateOutcome.Refused _ -> "refused";
                    case AllocateOutcome.NoSession _, AllocateOutcome.WrongNode _ -> "rejected";
                });
    }
}
