package io.terway.node.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.net.Ip;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A ledger damaged anywhere: with the kernel and ipam-service asked too, every pod keeps its address and no two have one. */
class SalvageProperties {

    private static final LedgerState WHOLE = whole();
    private static final byte[] FILE = file();

    private static LedgerState whole() {
        LedgerState state = Samples.fresh();
        Samples.everyKind().forEach(state::apply);
        return state;
    }

    private static byte[] file() {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(Journal.file(Samples.fresh()));
        Samples.everyKind().forEach(entry -> file.writeBytes(Journal.record(entry)));
        return file.toByteArray();
    }

    /** ipam-service missed the last bind: it was on its way when the agent died. */
    private static Witnesses.View view() {
        List<Binding> reported = WHOLE.bindings().stream()
                .filter(b -> !b.key().containerId().equals("three"))
                .toList();
        return new Witnesses.View(true, reported, List.copyOf(WHOLE.enis()), List.copyOf(WHOLE.offered()));
    }

    private static void requireEveryPodKeepsItsAddress(byte[] damaged, String how) {
        List<Witnesses.Connected> kernel = WHOLE.bindings().stream()
                .map(b -> new Witnesses.Connected(
                        b.key().containerId(), b.key().ifName(), "cali", b.ips(), Optional.of(b.netns())))
                .toList();
        LedgerState salvaged = Journal.salvage(damaged);
        var said = new Witnesses(
                salvaged,
                view(),
                kernel,
                connected -> WHOLE.bindings().stream()
                        .filter(b -> connected.is(b.key()))
                        .map(b -> new Witnesses.Named(b.pod(), b.fixed()))
                        .findFirst(),
                _ -> true);
        LedgerState rebuilt = assertInstanceOf(
                        Rebuild.Outcome.Rebuilt.class, Rebuild.of("ledger-0002", 9, said, Samples.at(100)), how)
                .state();
        Set<Ip> held = new HashSet<>();
        rebuilt.bindings().forEach(b -> b.ips().forEach(ip -> assertEquals(true, held.add(ip), how)));
        for (Binding pod : WHOLE.bindings()) {
            Binding kept = rebuilt.binding(pod.key()).orElseThrow(() -> new AssertionError(how + ": " + pod));
            assertEquals(pod.addresses(), kept.addresses(), how);
            assertEquals(pod.pod(), kept.pod(), how);
        }
        Journal.Recovery again = Journal.recover(Journal.file(rebuilt));
        assertEquals(
                rebuilt.snapshot(),
                assertInstanceOf(Journal.Recovery.Recovered.class, again)
                        .state()
                        .snapshot(),
                how);
    }

    private static void damaged(Consumer<byte[]> how, String name) {
        byte[] file = FILE.clone();
        how.accept(file);
        requireEveryPodKeepsItsAddress(file, name);
    }

    @Test
    void anyFlippedBitCostsNoPodItsAddress() {
        for (int bit = 0; bit < FILE.length * 8; bit++) {
            int at = bit;
            damaged(file -> file[at / 8] ^= (byte) (1 << at % 8), "bit " + bit);
        }
    }

    @Test
    void aCutAtAnyByteCostsNoPodItsAddress() {
        for (int cut = 0; cut < FILE.length; cut++) {
            requireEveryPodKeepsItsAddress(Arrays.copyOf(FILE, cut), "cut at " + cut);
        }
    }

    @Test
    void aBlockOfZerosAnywhereCostsNoPodItsAddress() {
        for (int from = 0; from < FILE.length; from += 7) {
            int at = from;
            damaged(file -> Arrays.fill(file, at, Math.min(at + 512, file.length), (byte) 0), "zeros at " + from);
        }
    }

    @Test
    void oneDamagedRecordCostsNoOtherRecord() {
        int snapshot = Journal.file(Samples.fresh()).length;
        byte[] file = FILE.clone();
        file[snapshot + 14] ^= 1; // in the payload of the first record, a term
        assertEquals(WHOLE.snapshot(), Journal.salvage(file).snapshot());
    }

    @Test
    void noiseIsNoLedger() {
        assertEquals(0, Journal.salvage(new byte[0]).bindings().size());
        assertEquals(0, Journal.salvage(new byte[10_000]).bindings().size());
    }
}
