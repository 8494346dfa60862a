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

/** What ipam-service remembers of a node over its agent's sessions. Guarded by its owner. */
final class IpamMemory {

    private final Map<String, Binding> bindings = new LinkedHashMap<>();
    private String ledger = "";

    void forget() {
        bindings.clear();
        ledger = "";
    }

    void forget(String container) {
        bindings.remove(container);
    }

    void took(String ledgerId, LedgerPart part) {
        ledger = ledgerId;
        part.getBindingsList().forEach(this::bound);
    }

    void heard(LedgerEvent event) {
        if (event.hasBound()) {
            bound(event.getBound());
        } else {
            bindings.remove(event.getReleased().getSandbox().getContainerId());
        }
    }

    private void bound(Binding binding) {
        bindings.put(binding.getSandbox().getContainerId(), binding);
    }

    /** True for the ledger that is known, and for another one with every sandbox in it. */
    boolean believes(String ledgerId, LedgerPart part) {
        boolean same = ledger.isEmpty() || ledger.equals(ledgerId);
        return same
                || part.getBindingsList().stream()
                        .map(b -> b.getSandbox().getContainerId())
                        .toList()
                        .containsAll(bindings.keySet());
    }

    LastView view(List<EniAddress> offered, List<Eni> enis, long number) {
        LastView.Builder view = LastView.newBuilder().setKnown(!ledger.isEmpty());
        if (view.getKnown()) {
            view.addAllBindings(bindings.values()).addAllEnis(enis);
            offered.forEach(a ->
                    view.addOffered(OfferedAddress.newBuilder().setAddress(a).setNumber(number)));
        }
        return view.build();
    }
}
