package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.Optional;

/** One address on one ENI. Changed only through {@link NodeState#move}, which keeps the counts. */
final class Slot {

    final Ip ip;
    final EniPool eni;
    /** The ENI's own first address: never unassigned alone. */
    boolean own;
    /** Offer or withdrawal number in force. */
    long number;
    /** The cloud's list has shown it; before that, an older list without it means nothing. */
    boolean confirmed;
    /** The cloud's list no longer shows it: it is forgotten, not unassigned, once the node lets go. */
    boolean absent;

    /** It may be offered here, and so at no other node. */
    boolean claimed;

    /** The agent's ledger does not know it, so it cannot use it before it is offered again. */
    boolean unoffered;

    /** The prefix or pod CIDR it belongs to, which comes and goes as a whole. Set by {@link NodeState#place}. */
    Optional<Cidr> block = Optional.empty();

    AddressState state;
    /** Its neighbours in {@link IdleSlots} while it is free. */
    Slot freedBefore;

    Slot freedAfter;

    Slot(Ip ip, EniPool eni, boolean own, AddressState state) {
        this.ip = ip;
        this.eni = eni;
        this.own = own;
        this.state = state;
    }

    EniIp eniIp() {
        return new EniIp(ip, eni.id, block);
    }
}
