package io.terway.node.policy;

import java.util.List;
import java.util.stream.Collectors;

/** Changes that the kernel makes together or not at all. */
public record Transaction(List<TableOp> ops) {

    public Transaction {
        ops = List.copyOf(ops);
    }

    /** In nft's syntax. */
    public String text() {
        return ops.stream().map(TableOp::text).collect(Collectors.joining("\n", "", "\n"));
    }

    /** What it costs, in elements and rules. */
    public int weight() {
        return ops.stream().mapToInt(TableOp::weight).sum();
    }
}
