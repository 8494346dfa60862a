package io.terway.ipam;

import io.terway.net.NodeName;
import io.terway.net.PodRef;
import java.time.Duration;

/** What the edge shall do for a pod with a fixed address. */
public sealed interface FixedCommand extends IpamCommand {

    /**
     * Write a PodNetInfo unless the pod has one; answered by {@link IpamEvent.PodNetInfoSeen} with the one that is
     * stored, whoever wrote it, or by {@link IpamEvent.PodNetInfoFailed}.
     */
    record Write(FixedAddress wanted) implements FixedCommand {}

    /**
     * Show where the address is and who has it; the newest counts.
     *
     * @param bound true while a pod has it
     */
    record Show(FixedAddress address, boolean bound, String podUid) implements FixedCommand {}

    /**
     * Remember for how long nobody has wanted the pod, so that the next leader goes on counting.
     *
     * @param unwanted zero: it is wanted, or was so until just now
     */
    record Count(FixedAddress address, Duration unwanted) implements FixedCommand {}

    /**
     * Delete the PodNetInfo: its time is over by our clock. Only if the API server's clock agrees and a fresh look finds
     * nobody who wants the pod. Not answered; what is still there is asked for again.
     */
    record Release(FixedAddress address) implements FixedCommand {}

    /**
     * Ask the shard that looks after the address to hand it over, for a pod on this node of ours: the newest question counts. It is
     * answered by {@link IpamEvent.PodNetInfoSeen}, with the address at this node.
     */
    record Ask(FixedAddress address, FixedAddress.Target target) implements FixedCommand {}

    /**
     * The address is at no node any more: write that it is at this one, of another shard, unless somebody has changed the
     * PodNetInfo meanwhile. Answered by {@link IpamEvent.PodNetInfoSeen} with what is stored then, or by
     * {@link IpamEvent.PodNetInfoFailed}.
     *
     * @param rest of its cool-down, which counts for all but its pod
     */
    record HandOver(FixedAddress address, FixedAddress.Target target, Duration rest) implements FixedCommand {}

    /** Fixed addresses at a node, and those of them that pods have; the newest counts. */
    record ShowNode(NodeName node, int bound, int total) implements FixedCommand {}

    /** Something a person should know about a pod. */
    record Tell(PodRef pod, String uid, String reason, String message) implements FixedCommand {}
}
