package io.terway.agent;

import io.terway.wire.net.v1.Eni;
import io.terway.wire.net.v1.EniKind;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

/** The model of ipam-service as a process of its own, in the node's namespace. Ends with its standard input. */
final class IpamModelMain {

    /** What the node's configuration asks for. */
    enum Kind {
        PLAIN,
        OWN_HOST_PORTS,
        /** Host ports and priorities; pod p90 has a bandwidth, p91 an ENI of its own. */
        EVERYTHING
    }

    static final String LIMITED = "p90";
    static final String ALONE = "p91";

    static final Eni OWN_ENI = IpamModel.ENI.toBuilder()
            .setId("eni-own")
            .setMac("00:16:3e:00:00:0b")
            .setPrimaryAddress("10.0.64.252")
            .setKind(EniKind.SECONDARY)
            .build();

    private IpamModelMain() {}

    /**
     * @param args port, number of addresses offered, number of pods known (p0, p1, ...), cool-down in milliseconds,
     *     IP stack, kind
     */
    public static void main(String[] args) throws IOException {
        Kind kind = Kind.valueOf(args[5]);
        try (IpamModel model = new IpamModel(Integer.parseInt(args[0]))) {
            model.coolDown(Integer.parseInt(args[3]));
            model.ipStack(args[4]);
            if (kind != Kind.PLAIN) {
                model.configure(config -> config.setNativeHostPort(true));
            }
            if (kind == Kind.EVERYTHING) {
                model.configure(config -> config.setNetworkPriority(true));
                model.own(ALONE, OWN_ENI);
            }
            model.offer(1, Integer.parseInt(args[1]));
            for (int i = 0; i < Integer.parseInt(args[2]); i++) {
                String pod = "p" + i;
                boolean limited = kind == Kind.EVERYTHING && pod.equals(LIMITED);
                model.push(
                        pod,
                        limited
                                ? Map.of(
                                        "kubernetes.io/ingress-bandwidth", "100M",
                                        "kubernetes.io/egress-bandwidth", "100M")
                                : Map.of());
            }
            System.out.println("serving");
            System.in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
