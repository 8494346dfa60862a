package io.terway.eni.sim.vpc;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.BitSet;
import java.util.List;

/**
 * Which IPv4 addresses of a vSwitch are taken. The first address and the last three are the cloud's (252 of a /24 are
 * left). Hands out the lowest free address. Not thread-safe.
 */
public final class Ipv4Pool implements AddressPool {

    private static final int PREFIX_LENGTH = 28;
    private static final int PREFIX_SIZE = 16;

    private final Cidr cidr;
    private final int size;
    private final BitSet taken = new BitSet();
    private int free;
    private int lowestFree = 1;

    public Ipv4Pool(Cidr cidr) {
        this.cidr = cidr;
        this.size = Math.toIntExact(cidr.size());
        taken.set(0);
        taken.set(size - 3, size);
        this.free = size - 4;
    }

    @Override
    public long free() {
        return free;
    }

    @Override
    public boolean usable(Ip ip) {
        return cidr.contains(ip) && offset(ip) >= 1 && offset(ip) < size - 3;
    }

    @Override
    public boolean isFree(Ip ip) {
        return !taken.get(offset(ip));
    }

    @Override
    public Ip takeLowest() {
        int at = taken.nextClearBit(lowestFree);
        if (at >= size) {
            throw ErrorCode.VSWITCH_EXHAUSTED.refuse("The vSwitch %s has no free IPv4 address.", cidr);
        }
        taken.set(at);
        free--;
        lowestFree = at + 1;
        return cidr.network().plus(at);
    }

    @Override
    public void take(Ip ip) {
        taken.set(offset(ip));
        free--;
    }

    @Override
    public void release(Ip ip) {
        int at = offset(ip);
        taken.clear(at);
        free++;
        lowestFree = Math.min(lowestFree, at);
    }

    @Override
    public boolean prefixUsable(Cidr prefix) {
        return prefix.prefixLength() == PREFIX_LENGTH && cidr.contains(prefix);
    }

    @Override
    public boolean isFree(Cidr prefix) {
        int at = offset(prefix.network());
        int next = taken.nextSetBit(at);
        return next < 0 || next >= at + PREFIX_SIZE;
    }

    /** Takes the highest free /28, so that prefixes and single addresses meet as late as possible. */
    @Override
    public Cidr takeHighestPrefix() {
        for (int at = size - PREFIX_SIZE; at >= 0; at -= PREFIX_SIZE) {
            Cidr prefix = new Cidr(cidr.network().plus(at), PREFIX_LENGTH);
            if (isFree(prefix)) {
                take(prefix);
                return prefix;
            }
        }
        throw ErrorCode.VSWITCH_EXHAUSTED.refuse("The vSwitch %s has no free /28.", cidr);
    }

    @Override
    public void take(Cidr prefix) {
        int at = offset(prefix.network());
        taken.set(at, at + PREFIX_SIZE);
        free -= PREFIX_SIZE;
    }

    @Override
    public void release(Cidr prefix) {
        int at = offset(prefix.network());
        taken.clear(at, at + PREFIX_SIZE);
        free += PREFIX_SIZE;
        lowestFree = Math.min(lowestFree, at);
    }

    @Override
    public List<Cidr> blocks() {
        return List.of(cidr);
    }

    private int offset(Ip ip) {
        return (int) (ip.low() - cidr.network().low());
    }
}
