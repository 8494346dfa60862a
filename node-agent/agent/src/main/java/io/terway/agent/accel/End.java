package io.terway.agent.accel;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SandboxKey;

/** Where the packets of one end of a connection meet the host. */
sealed interface End {

    Ip ip();

    /** Index of the link by which its packets come in. */
    int link();

    /**
     * A pod behind a veth pair.
     *
     * @param sandbox whose it is
     * @param link the host's end
     * @param mtu of that link
     * @param eni that the pod's packets leave the node by
     * @param hostMac of the host's end
     * @param podMac of the pod's end
     */
    record Pod(SandboxKey sandbox, Ip ip, int link, int mtu, EniId eni, Mac hostMac, Mac podMac) implements End {}

    /**
     * Somebody of the VPC's or beyond.
     *
     * @param eni whose link its packets come and go by
     */
    record Beyond(Ip ip, EniId eni, int link) implements End {}
}
