package io.terway.agent.apply;

import io.terway.linux.netlink.Link;
import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.node.datapath.Connection;
import io.terway.node.datapath.Conventions;
import io.terway.node.datapath.EniAttachment;
import io.terway.node.datapath.NicInPod;
import io.terway.node.datapath.PodAttachment;
import io.terway.node.datapath.VethPolicyRoute;
import io.terway.node.datapath.Wiring;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * What a pod needs in this kernel, given where its ENI's link is: one case per datapath. No link of a pod carries more than
 * its ENI can.
 */
final class Plans {

    /** A wiring, or the ENI whose link is missing. */
    sealed interface Plan {

        record Known(Wiring wiring) implements Plan {}

        record NoLink(EniAttachment eni) implements Plan {
            EniId id() {
                return eni.id();
            }
        }
    }

    private Plans() {}

    /**
     * Plans in a session that has the pod's namespace open.
     *
     * @param usable finds an ENI's link on the host, and brings it up as far as the caller wants; empty when absent
     */
    static Plan of(
            KernelSession session, PodAttachment pod, BiFunction<EniAttachment, Integer, Optional<Link>> usable) {
        return switch (pod.connection()) {
            case Connection.PolicyRoute(EniAttachment eni) ->
                with(
                        eni,
                        usable.apply(eni, pod.mtu()),
                        link -> VethPolicyRoute.wanted(pod.atMost(link.maxMtu()), Conventions.table(link.index())));
            case Connection.VpcRoute _ -> new Plan.Known(VethPolicyRoute.routed(pod));
            case Connection.TrunkTag tag ->
                with(
                        tag.trunk(),
                        usable.apply(tag.trunk(), pod.mtu()),
                        link -> VethPolicyRoute.tagged(
                                pod.atMost(link.maxMtu()), tag, link.name(), Conventions.table(link.index())));
            case Connection.ExclusiveEni own -> exclusive(session, pod, own);
            case Connection.NicInPod nic -> {
                List<Ip> node = session.nodeAddresses(nic.hostPeer());
                yield with(
                        nic.parent(),
                        usable.apply(nic.parent(), pod.mtu()),
                        link -> NicInPod.wanted(pod.atMost(link.maxMtu()), nic, link.name(), node));
            }
        };
    }

    /** Its link is in the pod already, or still on the host. */
    private static Plan exclusive(KernelSession session, PodAttachment pod, Connection.ExclusiveEni own) {
        List<Ip> node = session.nodeAddresses(own.hostPeer());
        Optional<Link> inPod = session.inPod(pod.key().ifName(), own.eni().mac());
        if (inPod.isPresent()) {
            return new Plan.Known(NicInPod.wanted(pod.atMost(inPod.get().maxMtu()), own, "", node));
        }
        return with(
                own.eni(),
                session.eni(own.eni().mac()),
                link -> NicInPod.wanted(pod.atMost(link.maxMtu()), own, link.name(), node));
    }

    private static Plan with(EniAttachment eni, Optional<Link> link, Function<Link, Wiring> wiring) {
        return link.<Plan>map(l -> new Plan.Known(wiring.apply(l))).orElseGet(() -> new Plan.NoLink(eni));
    }
}
