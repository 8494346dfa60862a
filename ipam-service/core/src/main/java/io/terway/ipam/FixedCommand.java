package io.terway.ipam;

import io.terway.net.PodRef;

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

    /** Something a person should know about a pod. */
    record Tell(PodRef pod, String uid, String reason, String message) implements FixedCommand {}
}
