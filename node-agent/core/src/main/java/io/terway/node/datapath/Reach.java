package io.terway.node.datapath;

import io.terway.net.Cidr;
import io.terway.net.Family;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What pods reach in other ways than by the VPC.
 *
 * @param hostStack destinations that lead through the host's stack: services, host_stack_cidrs
 * @param extra further routes of every pod, by its default gateway
 * @param jumbo where packets of more than 1500 bytes may go, beside the pod's own subnet
 */
public record Reach(List<Cidr> hostStack, List<Cidr> extra, List<Cidr> jumbo) {

    /** NodeLocal DNS cache listens there on every node that has it. */
    private static final Cidr NODE_LOCAL_DNS = Cidr.parse("169.254.20.10/32");

    public static final Reach NOTHING = new Reach(List.of(), List.of());

    /** Large packets stay in the pod's own subnet. */
    public Reach(List<Cidr> hostStack, List<Cidr> extra) {
        this(hostStack, extra, List.of());
    }

    public Reach {
        hostStack = List.copyOf(hostStack);
        extra = List.copyOf(extra);
        jumbo = List.copyOf(jumbo);
    }

    /** Through the host's stack, of one family, each once; the node itself is not among them. */
    List<Cidr> throughHost(Family family) {
        Set<Cidr> all = new LinkedHashSet<>();
        Stream.concat(hostStack.stream(), Stream.of(NODE_LOCAL_DNS))
                .filter(c -> c.family() == family)
                .forEach(all::add);
        return new ArrayList<>(all);
    }

    /** The extra routes of one family. */
    List<Cidr> extra(Family family) {
        return extra.stream().filter(c -> c.family() == family).distinct().toList();
    }
}
