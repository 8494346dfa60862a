package io.terway.eni.sim.vpc;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.refusal.Refusal;
import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.List;

/** The IPv6 pool of a vSwitch whose IPv6 is off: every use is refused as the cloud refuses it. */
public final class NoIpv6 implements AddressPool {

    @Override
    public long free() {
        return 0;
    }

    @Override
    public boolean usable(Ip ip) {
        throw off();
    }

    @Override
    public boolean isFree(Ip ip) {
        throw off();
    }

    @Override
    public Ip takeLowest() {
        throw off();
    }

    @Override
    public void take(Ip ip) {
        throw off();
    }

    @Override
    public void release(Ip ip) {
        throw off();
    }

    @Override
    public boolean prefixUsable(Cidr prefix) {
        throw off();
    }

    @Override
    public boolean isFree(Cidr prefix) {
        throw off();
    }

    @Override
    public Cidr takeHighestPrefix() {
        throw off();
    }

    @Override
    public void take(Cidr prefix) {
        throw off();
    }

    @Override
    public void release(Cidr prefix) {
        throw off();
    }

    @Override
    public List<Cidr> blocks() {
        return List.of();
    }

    private static Refusal off() {
        return ErrorCode.VSWITCH_NO_IPV6.refuse("IPv6 is not turned on for the vSwitch.");
    }
}
