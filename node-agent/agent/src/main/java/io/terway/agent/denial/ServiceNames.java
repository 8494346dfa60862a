package io.terway.agent.denial;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.terway.net.Ip;
import io.terway.net.PodRef;
import io.terway.node.ledger.PodLife;
import io.terway.wire.policy.v1.Holder;
import io.terway.wire.policy.v1.NameRequest;
import io.terway.wire.policy.v1.PolicyGrpc;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Asks policy-service, which knows every pod that policy can bind.
 *
 * @param channel to the replica that is followed
 */
public record ServiceNames(Supplier<Optional<Channel>> channel) implements Names.Directory {

    private static final Logger LOG = Logger.getLogger(ServiceNames.class);

    /** Names are no reason to be late. */
    private static final Duration WITHIN = Duration.ofMillis(400);

    @Override
    public Optional<Map<Ip, Names.Holder>> ask(Set<Ip> addresses) {
        Optional<Channel> open = channel.get();
        if (open.isEmpty()) {
            return Optional.empty();
        }
        NameRequest.Builder request = NameRequest.newBuilder();
        addresses.forEach(ip -> request.addAddresses(UnsafeByteOperations.unsafeWrap(ip.bytes())));
        try {
            Map<Ip, Names.Holder> found = new HashMap<>();
            PolicyGrpc.newBlockingStub(open.get())
                    .withDeadlineAfter(WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                    .name(request.build())
                    .getHoldersList()
                    .forEach(holder -> found.put(ip(holder.getAddress()), holder(holder)));
            return Optional.of(found);
        } catch (StatusRuntimeException | IllegalArgumentException e) {
            LOG.debugf("names of addresses are not known: %s", e.getMessage());
            return Optional.empty();
        }
    }

    private static Ip ip(ByteString bytes) {
        return Ip.of(bytes.toByteArray());
    }

    private static Names.Holder holder(Holder holder) {
        return holder.hasPod()
                ? new Names.Holder.OfPod(new PodLife(
                        new PodRef(
                                holder.getPod().getNamespace(), holder.getPod().getName()),
                        holder.getPod().getUid()))
                : new Names.Holder.OfNode(holder.getNode());
    }
}
