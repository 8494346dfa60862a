package io.terway.agent.policy;

import io.terway.agent.flow.FlowLimits;
import io.terway.link.Notice;
import io.terway.net.Ip;
import io.terway.node.ledger.PodLife;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Who is told of what happens, beside the metrics.
 *
 * @param notices gets what Kubernetes should know; must not block
 * @param pods of this node, by address
 * @param audited true: denied connections go to policy-service's audit channel
 * @param flows empty: no accepted connection is told
 */
public record Told(
        Consumer<Notice> notices, Function<Ip, Optional<PodLife>> pods, boolean audited, Optional<FlowLimits> flows) {

    /** Nobody is. */
    static final Told NOBODY = new Told(_ -> {}, _ -> Optional.empty(), false, Optional.empty());
}
