package io.terway.agent.policy;

import io.terway.linux.nft.Nft;
import io.terway.linux.nft.NftResult;
import io.terway.node.policy.NftTable;
import io.terway.node.policy.Transaction;
import java.nio.file.Path;

/** nftables of one namespace, opened at first use: an agent that enforces nothing needs no library. */
final class NftKernel implements PolicyKernel, AutoCloseable {

    /** Of nft's message; a transaction is named by its first command. */
    private static final int LONGEST_MESSAGE = 400;

    private final Path netns;
    private Nft nft;

    NftKernel(Path netns) {
        this.netns = netns;
    }

    @Override
    public NftTable read() {
        return switch (open().list(NftTable.NAME)) {
            case NftResult.Applied(String json) -> TableReader.read(json);
            case NftResult.Rejected(String error) -> {
                if (!error.isEmpty() && !error.contains("No such file")) {
                    throw new PolicyFailure("nftables cannot be read: " + brief(error));
                }
                yield NftTable.ABSENT;
            }
        };
    }

    @Override
    public void apply(Transaction transaction) {
        if (open().run(transaction.text()) instanceof NftResult.Rejected(String error)) {
            throw new PolicyFailure(
                    "nftables refused a transaction of " + transaction.ops().size() + " changes: " + brief(error));
        }
    }

    /** Whether rules can log to a group; found by making one, in a transaction that leaves nothing. */
    boolean canLog(int group) {
        String table = "inet terway_probe";
        return open().run("add table " + table + "; add chain " + table + " c; add rule " + table + " c log group "
                        + group + "; delete table " + table)
                instanceof NftResult.Applied;
    }

    @Override
    public void close() {
        if (nft != null) {
            nft.close();
        }
    }

    private Nft open() {
        if (nft == null) {
            try {
                nft = Nft.open(netns);
            } catch (IllegalStateException e) {
                throw new PolicyFailure("policy cannot be enforced: " + e.getMessage());
            }
        }
        return nft;
    }

    private static String brief(String error) {
        return error.length() <= LONGEST_MESSAGE ? error : error.substring(0, LONGEST_MESSAGE) + "...";
    }
}
