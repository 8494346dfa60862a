package io.terway.eni.sim.vpc;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which addresses of a vSwitch's /64 are taken: singles from the bottom, /80 prefixes from the top. The first address and
 * the last nine are the cloud's. Not thread-safe.
 */
public final class Ipv6Pool implements AddressPool {

    private static final int PREFIX_LENGTH = 80;
    private static final int PREFIXES = 1 << 16;
    private static final int PREFIX_SHIFT = 48;
    private static final long KEPT_AT_END = 9;

    private final Cidr cidr;
    private final Set<Long> taken = new HashSet<>();
    private final TreeSet<Long> returned = new TreeSet<>();
    private final BitSet prefixes = new BitSet(PREFIXES);
    private final Map<Integer, Integer> singlesPerPrefix = new HashMap<>();
    private long next = 1;

    public Ipv6Pool(Cidr cidr) {
        this.cidr = cidr;
        prefixes.set(PREFIXES - 1);
    }

    @Override
    public long free() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean usable(Ip ip) {
        return cidr.contains(ip) && ip.low() != 0 && Long.compareUnsigned(ip.low(), -1L - KEPT_AT_END) <= 0;
    }

    @Override
    public boolean isFree(Ip ip) {
        int block = block(ip.low());
        return !taken.contains(ip.low()) && (block == PREFIXES - 1 || !prefixes.get(block));
    }

    @Override
    public Ip takeLowest() {
        while (!returned.isEmpty()) {
            Ip ip = at(returned.pollFirst());
            if (isFree(ip)) {
                take(ip);
                return ip;
            }
        }
        while (!isFree(at(next))) {
            next++;
        }
        Ip ip = at(next++);
        take(ip);
        return ip;
    }

    @Override
    public void take(Ip ip) {
        taken.add(ip.low());
        singlesPerPrefix.merge(block(ip.low()), 1, Integer::sum);
    }

    @Override
    public void release(Ip ip) {
        taken.remove(ip.low());
        singlesPerPrefix.computeIfPresent(block(ip.low()), (b, n) -> n == 1 ? null : n - 1);
        if (Long.compareUnsigned(ip.low(), next) < 0) {
            returned.add(ip.low());
        }
    }

    @Override
    public boolean prefixUsable(Cidr prefix) {
        return prefix.prefixLength() == PREFIX_LENGTH && cidr.contains(prefix);
    }

    @Override
    public boolean isFree(Cidr prefix) {
        int block = block(prefix.network().low());
        return block != 0 && !prefixes.get(block) && !singlesPerPrefix.containsKey(block);
    }

    @Override
    public Cidr takeHighestPrefix() {
        int block = prefixes.previousClearBit(PREFIXES - 1);
        while (block > 0 && singlesPerPrefix.containsKey(block)) {
            block = prefixes.previousClearBit(block - 1);
        }
        if (block <= 0) {
            throw ErrorCode.VSWITCH_EXHAUSTED.refuse("The vSwitch %s has no free /80.", cidr);
        }
        prefixes.set(block);
        return new Cidr(at((long) block << PREFIX_SHIFT), PREFIX_LENGTH);
    }

    @Override
    public void take(Cidr prefix) {
        prefixes.set(block(prefix.network().low()));
    }

    @Override
    public void release(Cidr prefix) {
        prefixes.clear(block(prefix.network().low()));
    }

    @Override
    public List<Cidr> blocks() {
        return List.of(cidr);
    }

    private Ip at(long low) {
        return new Ip(cidr.family(), cidr.network().high(), low);
    }

    private static int block(long low) {
        return (int) (low >>> PREFIX_SHIFT);
    }
}
