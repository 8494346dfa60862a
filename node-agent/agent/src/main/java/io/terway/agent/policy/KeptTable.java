package io.terway.agent.policy;

import io.terway.node.policy.NftTable;
import io.terway.node.policy.NodePolicy;
import io.terway.node.policy.PolicyTable;
import io.terway.node.policy.TablePlanner;
import io.terway.node.policy.Transaction;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** One table of the kernel's and what we know of it. One thread. */
final class KeptTable {

    private final PolicyKernel kernel;
    private final Supplier<PolicyTable> writers;
    private Optional<PolicyTable> writer = Optional.empty();
    private Optional<NftTable> observed = Optional.empty();
    private boolean suspected;
    private boolean distrusted;
    private boolean altered;

    /** What bringing it in step took. */
    record Step(int transactions, boolean repaired) {}

    /** @param writers makes the writer at first use, when the kernel can be asked what it can do */
    KeptTable(PolicyKernel kernel, Supplier<PolicyTable> writers) {
        this.kernel = kernel;
        this.writers = writers;
    }

    /** It is read before the next change. */
    void suspect() {
        suspected = true;
    }

    /**
     * Somebody committed this generation: if it was not us, no rule is what its comment says. Of a generation that is not
     * known it may have been us.
     */
    void suspect(int generation) {
        if (!kernel.made(generation)) {
            suspected = true;
            distrusted = true;
            altered |= generation != TableWatch.UNKNOWN;
        }
    }

    boolean isInStep() {
        return observed.isPresent();
    }

    /** The table as it was left, or read when it is not known. */
    NftTable look() {
        if (observed.isEmpty()) {
            observed = Optional.of(kernel.read());
        }
        return observed.get();
    }

    /**
     * Makes the kernel enforce this.
     *
     * @throws PolicyFailure when the kernel refuses; it is looked at anew next time
     */
    Step bringInStep(NodePolicy policy) {
        if (writer.isEmpty()) {
            writer = Optional.of(writers.get());
        }
        return make(writer.get().of(policy));
    }

    /** Takes the table away; as {@link #bringInStep}. */
    Step remove() {
        return make(NftTable.ABSENT);
    }

    private Step make(NftTable wanted) {
        Optional<NftTable> left = observed;
        if (suspected) {
            observed = Optional.empty();
            suspected = false;
        }
        NftTable read = look();
        boolean strange = altered || left.isPresent() && !left.get().equals(read);
        NftTable found = distrusted ? read.distrusted() : read;
        List<Transaction> plan = TablePlanner.plan(wanted, found);
        observed = Optional.empty(); // until all of it is done
        plan.forEach(kernel::apply);
        observed = Optional.of(wanted);
        distrusted = false;
        altered = false;
        return new Step(plan.size(), strange);
    }
}
