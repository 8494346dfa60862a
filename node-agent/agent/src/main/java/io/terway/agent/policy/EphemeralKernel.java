package io.terway.agent.policy;

import io.terway.linux.ffm.KernelRefusal;
import io.terway.node.policy.FrameText;
import io.terway.node.policy.NftTable;
import io.terway.node.policy.Transaction;
import java.nio.file.Path;
import java.util.function.Function;

/** nftables of a pod's namespace: opened for each use, because an open one costs a thread and keeps the namespace. */
final class EphemeralKernel implements PolicyKernel {

    private final Path netns;
    private final OwnGenerations own = new OwnGenerations();

    EphemeralKernel(Path netns) {
        this.netns = netns;
    }

    @Override
    public NftTable read() {
        return with(NftKernel::read);
    }

    @Override
    public void apply(Transaction transaction) {
        with(kernel -> {
            kernel.apply(transaction);
            return true;
        });
    }

    /** Makes the guard of this link, or takes it away. */
    void guard(String link, boolean wanted) {
        with(kernel -> {
            kernel.run(wanted ? FrameText.make(link) : FrameText.remove());
            return true;
        });
    }

    @Override
    public boolean made(int generation) {
        return own.contain(generation);
    }

    private <T> T with(Function<NftKernel, T> use) {
        try (NftKernel kernel = new NftKernel(netns, own)) {
            return use.apply(kernel);
        } catch (KernelRefusal e) {
            throw new PolicyFailure("policy in " + netns + ": " + e.getMessage());
        }
    }
}
