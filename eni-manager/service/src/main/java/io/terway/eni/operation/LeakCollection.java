package io.terway.eni.operation;

import io.terway.eni.ClusterTags;
import io.terway.eni.Leaks;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.Tuning;
import io.terway.eni.operation.EniOperations.EniOutcome;
import io.terway.eni.time.Time;
import io.terway.net.EniId;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Deletes ENIs that a crash or a failed cleanup left behind. It costs no describe of its own: every complete listing is
 * handed to {@link Leaks}. An attached ENI with our tag is not collected but shown in the inventory, where ipam-service
 * takes it in.
 */
final class LeakCollection implements Consumer<List<NetworkInterface>> {

    private static final Logger LOG = Logger.getLogger(LeakCollection.class);

    private final Ownership ownership;
    private final EniOperations enis;
    private final Operations<EniOutcome> operations;
    private final Supplier<Tuning> tuning;
    private final Time time;
    // guarded by this
    private final Leaks leaks = new Leaks();

    LeakCollection(
            Ownership ownership,
            EniOperations enis,
            Operations<EniOutcome> operations,
            Supplier<Tuning> tuning,
            Time time) {
        this.ownership = ownership;
        this.enis = enis;
        this.operations = operations;
        this.tuning = tuning;
        this.time = time;
    }

    @Override
    public void accept(List<NetworkInterface> listed) {
        List<EniId> condemned;
        synchronized (this) {
            condemned = leaks.seen(listed, tuning.get().collection(), ownership::ours, this::busy, time.now());
        }
        condemned.forEach(eni -> time.start("collect", () -> collect(eni)));
    }

    /** True while the operation that made this ENI is under way here: it will attach it, or delete it itself. */
    private boolean busy(NetworkInterface eni) {
        Optional<String> made = ownership.tags().operationOf(eni);
        return made.isPresent()
                && made.get().matches("[!-~]{1," + OperationId.MAX_LENGTH + "}")
                && operations.isRunning(new OperationId(made.get()));
    }

    private void collect(EniId eni) {
        try {
            EniOutcome outcome = operations.run(new OperationId("collect-" + eni), _ -> enis.collect(eni));
            switch (outcome) {
                case EniOutcome.Removed _ ->
                    LOG.warnf(
                            "%s was deleted: it carried %s=%s and nobody used it (orphan_eni_ttl_seconds)",
                            eni, ClusterTags.CLUSTER, ownership.tags().clusterId());
                case EniOutcome.Ready _ -> LOG.infof("%s is used after all and stays", eni);
                case EniOutcome.NotDone(var failure) ->
                    LOG.warnf("%s could not be deleted: %s %s", eni, failure.code(), failure.message());
            }
        } catch (LeadershipLost lost) {
            LOG.debugf("%s is left to the new leader", eni);
        } catch (Operations.TooMany full) {
            LOG.warnf("%s is collected later: %s", eni, full.getMessage());
        }
    }
}
