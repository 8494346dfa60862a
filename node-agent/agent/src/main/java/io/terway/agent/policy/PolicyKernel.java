package io.terway.agent.policy;

import io.terway.node.policy.NftTable;
import io.terway.node.policy.Transaction;

/** Port: our nftables table. The kernel in production, a model of it in tests. One thread. */
interface PolicyKernel {

    /**
     * The table as it is.
     *
     * @throws PolicyFailure when the kernel cannot be asked
     */
    NftTable read();

    /**
     * Does all of it or nothing.
     *
     * @throws PolicyFailure when the kernel refuses
     */
    void apply(Transaction transaction);

    /** True when this generation of nftables is a transaction of ours, and nobody else's. */
    boolean made(int generation);
}
