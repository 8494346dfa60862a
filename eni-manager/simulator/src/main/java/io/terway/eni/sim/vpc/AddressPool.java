package io.terway.eni.sim.vpc;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.util.List;

/**
 * The addresses of one vSwitch in one family. Callers check {@link #usable} and {@link #isFree} before they take; a pool
 * never checks twice. Not thread-safe.
 */
public interface AddressPool {

    /** Number of addresses that can still be taken one by one. */
    long free();

    /** True when {@code ip} lies in the block and is not kept by the cloud. */
    boolean usable(Ip ip);

    /** True when nobody holds the usable address {@code ip}. */
    boolean isFree(Ip ip);

    /** Takes the lowest free address; refuses with InvalidVSwitchId.IpNotEnough when there is none. */
    Ip takeLowest();

    void take(Ip ip);

    void release(Ip ip);

    /** True when {@code prefix} is an aligned block of the size the cloud delegates and lies in the vSwitch. */
    boolean prefixUsable(Cidr prefix);

    /** True when nobody holds any address of the usable {@code prefix}. */
    boolean isFree(Cidr prefix);

    /** Takes a free prefix; refuses with InvalidVSwitchId.IpNotEnough when there is none. */
    Cidr takeHighestPrefix();

    void take(Cidr prefix);

    void release(Cidr prefix);

    /** The vSwitch's blocks in this family: none when the family is off. */
    List<Cidr> blocks();
}
