package io.terway.eni.sim.cloud;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.refusal.Refusal;
import io.terway.eni.sim.vpc.AddressPool;
import io.terway.eni.sim.vpc.VSwitch;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Addresses taken from a vSwitch for one call: all of them or none. */
final class Reservation {

    private final Network network;
    private final VSwitch vSwitch;
    private final ErrorCode whenTaken;
    private final List<Ip> addresses = new ArrayList<>();
    private final List<Cidr> prefixes = new ArrayList<>();

    private Reservation(Network network, VSwitch vSwitch, ErrorCode whenTaken) {
        this.network = network;
        this.vSwitch = vSwitch;
        this.whenTaken = whenTaken;
    }

    /** @param whenTaken the code for a named address that somebody holds; it differs between create and assign */
    static Reservation take(Network network, VSwitch vSwitch, AddressRequest wanted, ErrorCode whenTaken) {
        Reservation reservation = new Reservation(network, vSwitch, whenTaken);
        if (wanted.total() == 0) {
            return reservation;
        }
        reservation.check(wanted);
        try {
            reservation.takeAll(wanted);
        } catch (Refusal e) {
            reservation.cancel();
            throw e;
        }
        return reservation;
    }

    List<Ip> addresses() {
        return addresses;
    }

    List<Cidr> prefixes() {
        return prefixes;
    }

    void cancel() {
        addresses.forEach(ip -> pool(ip.family().bits() > 32).release(ip));
        prefixes.forEach(p -> pool(p.family().bits() > 32).release(p));
    }

    private void check(AddressRequest wanted) {
        AddressPool pool = pool(wanted.v6());
        Set<Ip> seen = new HashSet<>();
        for (Ip ip : wanted.addresses()) {
            if (!seen.add(ip)) {
                throw ErrorCode.IP_REPEATED.refuse("The IP address %s is repeated.", ip);
            }
            if (!pool.usable(ip)) {
                throw ErrorCode.VSWITCH_IP_INVALID.refuse(
                        "The IP address %s is not usable in the vSwitch %s.", ip, vSwitch.id());
            }
            if (!pool.isFree(ip)) {
                throw whenTaken.refuse("The IP address %s is already assigned.", ip);
            }
        }
        for (Cidr prefix : wanted.prefixes()) {
            if (!pool.prefixUsable(prefix)) {
                throw ErrorCode.VSWITCH_IP_INVALID.refuse(
                        "The prefix %s is not usable in the vSwitch %s.", prefix, vSwitch.id());
            }
            if (!pool.isFree(prefix)) {
                throw whenTaken.refuse("The prefix %s is already assigned.", prefix);
            }
        }
        network.requireFree(vSwitch.id(), wanted.v6(), wanted.count() + wanted.prefixCount());
    }

    private void takeAll(AddressRequest wanted) {
        AddressPool pool = pool(wanted.v6());
        for (Ip ip : wanted.addresses()) {
            pool.take(ip);
            addresses.add(ip);
        }
        for (Cidr prefix : wanted.prefixes()) {
            if (!pool.isFree(prefix)) {
                throw ErrorCode.IP_REPEATED.refuse("The prefix %s is repeated.", prefix);
            }
            pool.take(prefix);
            prefixes.add(prefix);
        }
        for (int i = 0; i < wanted.count(); i++) {
            addresses.add(pool.takeLowest());
        }
        for (int i = 0; i < wanted.prefixCount(); i++) {
            prefixes.add(pool.takeHighestPrefix());
        }
    }

    private AddressPool pool(boolean v6) {
        return network.pool(vSwitch.id(), v6);
    }
}
