package io.terway.agent.apply;

import io.terway.net.EniId;
import io.terway.net.Mac;

/** What became of {@link DatapathApplier#add}. */
public sealed interface AddResult {

    /**
     * The pod is connected, now or already before.
     *
     * @param hostLink name of the host's end; empty when the pod has no link to the host
     * @param hostMac its MAC
     * @param podMac the MAC of the pod's link
     */
    record Plumbed(String hostLink, Mac hostMac, Mac podMac, Stages stages) implements AddResult {}

    /** No link has the ENI's MAC (yet); nothing was made. */
    record NoEni(EniId eni, Mac mac) implements AddResult {}

    /**
     * The kernel refused; what was made stays for the DEL that follows or for the next ADD.
     *
     * @param step what was being done, with its object
     * @param reason errno and the kernel's own words
     */
    record Failed(String step, String reason) implements AddResult {}
}
