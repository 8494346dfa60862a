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
 * @param attachment how the sandbox is connected
 */
public record Binding(
        SandboxKey sandbox, Holder holder, List<EniIp> addresses, boolean fixed, long sequence, Attachment attachment) {

    public Binding {
        Objects.requireNonNull(sandbox, "sandbox");
        Objects.requireNonNull(holder, "holder");
        Objects.requireNonNull(attachment, "attachment");
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty() || addresses.size() > 2) {
            throw new IllegalArgumentException(
                    "the binding of " + sandbox + " has " + addresses.size() + " addresses; 1 or 2 are possible");
        }
    }

    /** Of a sandbox on a shared ENI. */
    public Binding(SandboxKey sandbox, Holder holder, List<EniIp> addresses, boolean fixed, long sequence) {
        this(sandbox, holder, addresses, fixed, sequence, Attachment.SHARED);
    }

    /** The same, connected this way. */
    Binding connected(Attachment how) {
        return how == attachment ? this : new Binding(sandbox, holder, addresses, fixed, sequence, how);
    }
}
