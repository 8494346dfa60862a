package io.terway.linux.nft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.linux.netns.Lab;
import io.terway.linux.netns.NetnsThread;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class NftPrivilegedIT {

    private final Lab lab = Lab.open();
    private final Path netns = lab.netns("nft");

    NftPrivilegedIT() {
        switch (NetnsThread.callInNew(NftProbe::run)) {
            case NftProbe.Supported() -> {}
            case NftProbe.Unsupported(String reason) -> abort("kernel: " + reason);
            case NftProbe.ProbeUnavailable(String reason) -> abort(reason);
        }
    }

    @AfterEach
    void leaveNothing() {
        lab.close();
    }

    @Test
    void aTransactionIsSeenInItsNamespaceOnly() {
        try (Nft nft = Nft.open(netns);
                Nft elsewhere = Nft.open(lab.netns("other"))) {
            nft.run("add table inet t; add set inet t s { type ipv4_addr; }; add element inet t s { 10.0.0.1 }")
                    .orThrow();

            assertTrue(nft.run("list ruleset").orThrow().contains("elements = { 10.0.0.1 }"));
            assertEquals("", elsewhere.run("list ruleset").orThrow());
        }
    }

    @Test
    void aRefusedTransactionChangesNothingAndSaysWhere() {
        try (Nft nft = Nft.open(netns)) {
            NftResult result = nft.run("add table inet t\nadd rule inet t missing accept\n");

            NftResult.Rejected rejected = assertInstanceOf(NftResult.Rejected.class, result);
            assertTrue(rejected.error().contains("missing"), rejected.error());
            assertFalse(nft.run("list tables").orThrow().contains("inet t"));
        }
    }

    @Test
    void callersFromManyThreadsAllGetTheirAnswer() {
        try (Nft nft = Nft.open(netns)) {
            nft.run("add table inet t; add set inet t s { type ipv4_addr; }").orThrow();

            List<NftResult> results = IntStream.range(1, 200)
                    .parallel()
                    .mapToObj(i -> nft.run("add element inet t s { 10.0.0." + i + " }"))
                    .toList();

            results.forEach(NftResult::orThrow);
            assertTrue(nft.run("list set inet t s").orThrow().contains("10.0.0.199"));
        }
    }

    private static void abort(String reason) {
        Assumptions.abort(reason);
    }
}
