package io.terway.agent.ipam;

import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.LedgerState;
import io.terway.wire.ipam.v1.Cooling;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.OfferedAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** The whole ledger as messages of at most 1,000 entries. */
final class LedgerParts {

    static final int ENTRIES_PER_PART = 1000;

    private final List<LedgerPart> parts = new ArrayList<>();
    private LedgerPart.Builder open = LedgerPart.newBuilder();
    private int entries;

    private LedgerParts() {}

    /** At least one part; the last one says so. */
    static List<LedgerPart> of(LedgerState state, BootTime now) {
        LedgerParts out = new LedgerParts();
        state.bindings().forEach(b -> out.add(LedgerPart.Builder::addBindings, WireForm.binding(b)));
        state.offered().forEach(a -> out.add(LedgerPart.Builder::addOffered, WireForm.offered(a)));
        state.withdrawn()
                .forEach(a -> out.add(
                        LedgerPart.Builder::addWithdrawn,
                        OfferedAddress.newBuilder()
                                .setAddress(WireForm.address(a.ip(), a.eni()))
                                .setNumber(a.number())
                                .build()));
        state.releases().stream()
                .filter(c -> state.coolingLeft(c.ip(), now).isPositive())
                .forEach(c -> out.add(
                        LedgerPart.Builder::addCooling,
                        Cooling.newBuilder()
                                .setAddress(c.ip().toString())
                                .setLastHolder(WireForm.pod(c.lastHolder()))
                                .setLeftMs(state.coolingLeft(c.ip(), now).toMillis())
                                .build()));
        out.parts.add(out.open.setLast(true).build());
        return List.copyOf(out.parts);
    }

    private <T> void add(BiConsumer<LedgerPart.Builder, T> list, T entry) {
        if (entries == ENTRIES_PER_PART) {
            parts.add(open.build());
            open = LedgerPart.newBuilder();
            entries = 0;
        }
        list.accept(open, entry);
        entries++;
    }
}
