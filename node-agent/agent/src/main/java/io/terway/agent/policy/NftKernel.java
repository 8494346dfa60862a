package io.terway.agent.policy;

import io.terway.linux.netlink.NftGeneration;
import io.terway.linux.nft.Nft;
import io.terway.linux.nft.NftResult;
import io.terway.node.policy.FrameText;
import io.terway.node.policy.NftTable;
import io.terway.node.policy.Transaction;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;

/** nftables of one namespace, opened at first use: an agent that enforces nothing needs no library. */
final class NftKernel implements PolicyKernel, AutoCloseable {

    /** Of nft's message; a transaction is named by its first command. */
    private static final int LONGEST_MESSAGE = 400;

    private static final Logger LOG = Logger.getLogger(NftKernel.class);

    private final Path netns;
    private Optional<Boolean> leads = Optional.empty();
    private Optional<Boolean> guards = Optional.empty();
    private final OwnGenerations own;
    private Nft nft;
    private NftGeneration generation;

    NftKernel(Path netns) {
        this(netns, new OwnGenerations());
    }

    /** @param own gets what is made here */
    NftKernel(Path netns, OwnGenerations own) {
        this.netns = netns;
        this.own = own;
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
        run(transaction.text());
    }

    /**
     * Does all of it or nothing.
     *
     * @throws PolicyFailure when the kernel refuses
     */
    void run(String transaction) {
        Nft open = open();
        int before = generation.current();
        if (open.run(transaction) instanceof NftResult.Rejected(String error)) {
            throw new PolicyFailure(
                    "nftables refused a transaction of " + transaction.lines().count() + " changes: " + brief(error));
        }
        own.made(before, generation.current());
    }

    @Override
    public boolean made(int number) {
        return own.contain(number);
    }

    /** Whether rules can log to a group; found by making one, in a transaction that leaves nothing. */
    boolean canLog(int group) {
        String table = "inet terway_probe";
        return open().run("add table " + table + "; add chain " + table + " c; add rule " + table + " c log group "
                        + group + "; delete table " + table)
                instanceof NftResult.Applied;
    }

    /** Whether connections can be led to the HTTP proxy; found likewise, and asked once. */
    boolean canLead() {
        if (leads.isEmpty()) {
            String chain = "inet terway_probe c";
            leads = Optional.of(
                    open().run(
                                            "add table inet terway_probe; add chain " + chain
                                                    + " { type filter hook prerouting priority 0; }; add rule " + chain
                                                    + " meta l4proto tcp socket transparent 1 return; add rule " + chain
                                                    + " meta nfproto ipv4 meta l4proto tcp tproxy ip to 127.0.0.1:1; delete table inet terway_probe")
                            instanceof NftResult.Applied);
            if (!leads.get()) {
                LOG.warn("kernel: nftables has no tproxy or socket expression, so ports with HTTP rules stay closed");
            }
        }
        return leads.get();
    }

    /** Whether frames can be kept off a link; found likewise, and asked once. */
    boolean canGuard() {
        if (guards.isEmpty()) {
            guards = Optional.of(open().run(FrameText.probe()) instanceof NftResult.Applied);
            if (!guards.get()) {
                LOG.warn(
                        "kernel: nftables has no egress hook (Linux 5.16), so a pod with the VPC's own link and NET_RAW can write"
                                + " frames that its egress policy does not see");
            }
        }
        return guards.get();
    }

    @Override
    public void close() {
        if (nft != null) {
            nft.close();
        }
        if (generation != null) {
            generation.close();
        }
    }

    private Nft open() {
        if (nft == null) {
            try {
                generation = generation == null ? NftGeneration.open(netns) : generation;
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
