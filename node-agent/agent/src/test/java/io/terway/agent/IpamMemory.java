package io.terway.agent;

import io.terway.wire.ipam.v1.Binding;
import io.terway.wire.ipam.v1.LastView;
import io.terway.wire.ipam.v1.LedgerEvent;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.ipam.v1.OfferedAddress;
import io.terway.wire.net.v1.Eni;
import io.terway.wire.net.v1.EniAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What ipam-service remembers of a node over its agent's sessions. Guarded by its owner. */
final class IpamMemory {

    private final Map<String, Binding> bindings = new LinkedHashMap<>();
    private String ledger = "";
    private long sequence;

    void forget() {
        bindings.clear();
        ledger = "";
        sequence = 0;
    }

    void forget(String container) {
        bindings.remove(container);
    }

    void took(String ledgerId, long at, LedgerPart part) {
        ledger = ledgerId;
        sequence = at;
        part.getBindingsList().forEach(this::bound);
    }

    void heard(LedgerEvent event) {
        sequence = Math.max(sequence, event.getSequence());
        if (event.hasBound()) {
            bound(event.getBound());
        } else {
            bindings.remove(event.getReleased().getSandbox().getContainerId());
        }
    }

    private void bound(Binding binding) {
        bindings.put(binding.getSandbox().getContainerId(), binding);
    }

    /** Why a ledger is not believed: another one lacks a sandbox that is known, or the known one is of an earlier day. */
    Optional<String> doubt(String ledgerId, long at, LedgerPart part) {
        if (ledger.isEmpty() || ledger.equals(ledgerId)) {
            return at < sequence ? Optional.of("ledger sequence " + at + " is below " + sequence) : Optional.empty();
        }
        return part.getBindingsList().stream()
                        .map(b -> b.getSandbox().getContainerId())
                        .toList()
                        .containsAll(bindings.keySet())
                ? Optional.empty()
                : Optional.of("a sandbox is missing");
    }

    LastView view(List<EniAddress> offered, List<Eni> enis, long number) {
        LastView.Builder view = LastView.newBuilder()
                .setKnown(!ledger.isEmpty())
                .addAllBindings(bindings.values())
                .addAllEnis(enis); // where nothing is known, the cloud shows these
        offered.forEach(
                a -> view.addOffered(OfferedAddress.newBuilder().setAddress(a).setNumber(number)));
        return view.build();
    }
}
