package io.terway.agent.accel;

import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SandboxKey;

/** Where the packets of one end of a connection meet the host. */
sealed interface End {

    Ip ip();

    /** Index of the link by which its packets come in. */
    int link();

    /** Their tag there; 0 for none. */
    int tag();

    /**
     * A pod behind a veth pair.
     *
     * @param sandbox whose it is
     * @param link the host's end
     * @param mtu of that link
     * @param hostMac of the host's end
     * @param podMac of the pod's end
     */
    record Pod(SandboxKey sandbox, Ip ip, int link, int mtu, Mac hostMac, Mac podMac) implements End {

        @Override
        public int tag() {
            return 0;
        }
    }

    /**
     * Somebody of the VPC's or beyond, by the link that some pod's packets leave by.
     *
     * @param pod whose packets
     */
    record Beyond(Ip ip, int link, int tag, Ip pod) implements End {}
}
