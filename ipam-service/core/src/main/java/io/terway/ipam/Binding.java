package io.terway.ipam;

import io.terway.net.SandboxKey;
import java.util.List;
import java.util.Objects;

/**
 * A sandbox that holds addresses, as the agent's ledger has it.
 *
 * @param sandbox the sandbox
 * @param holder the pod's life it belongs to
 * @param addresses one per family
 * @param fixed true when the pod has a fixed address
 * @param sequence ledger sequence of the bind
 */
public record Binding(SandboxKey sandbox, Holder holder, List<EniIp> addresses, boolean fixed, long sequence) {

    public Binding {
        Objects.requireNonNull(sandbox, "sandbox");
        Objects.requireNonNull(holder, "holder");
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty() || addresses.size() > 2) {
            throw new IllegalArgumentException(
                    "the binding of " + sandbox + " has " + addresses.size() + " addresses; 1 or 2 are possible");
        }
    }
}
