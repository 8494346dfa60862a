package io.terway.lab.fabric;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The router's side of one plugged ENI.
 *
 * @param mac the ENI's own address, at the other end of the pair
 * @param tag of a member: the other end is in the router too, joined to the trunk's link
 * @param neighbours addresses resolved to {@code mac}: the ENI's first one of each family
 * @param answered IPv6 addresses that the router claims when asked from here; for IPv4 it claims what it has routes to
 * @param routes what the router sends here
 * @param sources what may come from here; single addresses and whole prefixes
 */
public record Port(
        EniId eni,
        Mac mac,
        Optional<Plug.Tag> tag,
        SortedSet<Ip> neighbours,
        SortedSet<Ip> answered,
        SortedSet<Route> routes,
        SortedSet<Cidr> sources) {

    public Port {
        neighbours = sorted(neighbours);
        answered = sorted(answered);
        routes = sorted(routes);
        sources = sorted(sources);
    }

    /** A port with nothing allowed yet. */
    public static Port bare(EniId eni, Mac mac, Optional<Plug.Tag> tag) {
        return new Port(eni, mac, tag, new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    }

    /** The router's link of this ENI: at most 15 characters, the same after a restart. */
    public String link() {
        return linkOf(eni);
    }

    public static String linkOf(EniId eni) {
        return "p" + digest(eni);
    }

    /** The end of a member's pair that stands where a NIC's link to the node would. */
    static String memberEndOf(EniId eni) {
        return "m" + digest(eni);
    }

    private static String digest(EniId eni) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest(eni.value().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-1", e);
        }
    }

    private static <T extends Comparable<T>> SortedSet<T> sorted(Set<T> values) {
        return Collections.unmodifiableSortedSet(new TreeSet<>(values));
    }

    /**
     * @param to the block
     * @param via the neighbour that takes it, equal to {@code to} for that neighbour's own address
     */
    public record Route(Cidr to, Ip via) implements Comparable<Route> {

        /** The neighbour itself: no gateway in the kernel's route. */
        public boolean direct() {
            return to.equals(Cidr.single(via));
        }

        @Override
        public int compareTo(Route other) {
            int byBlock = to.compareTo(other.to);
            return byBlock != 0 ? byBlock : via.compareTo(other.via);
        }
    }
}
