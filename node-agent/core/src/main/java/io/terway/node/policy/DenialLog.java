package io.terway.node.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * What happens to a packet before it is dropped.
 *
 * @param group netfilter log group that gets a sample; 0: none
 * @param perSecond packets of each direction that are logged in a second
 */
public record DenialLog(int group, int perSecond) {

    /** Packets are dropped and counted, nobody is told. */
    public static final DenialLog SILENT = new DenialLog(0, 0);

    /** Bytes of a packet that the log gets: enough for the headers. */
    private static final int HEADERS = 128;

    /** Name of the chain that drops what bears a source of another, and prefix of what it logs. */
    public static final String FORGED = "forged";

    static String chainName(Direction direction) {
        return "denied_" + direction.word();
    }

    static boolean isChain(String name) {
        return name.equals(chainName(Direction.INGRESS))
                || name.equals(chainName(Direction.EGRESS))
                || name.equals(FORGED);
    }

    /** @param spared what passes although no rule accepts it */
    NftChain chain(Direction direction, List<NftRule> spared) {
        return chain(chainName(direction), direction.word(), spared);
    }

    /** For packets that nobody may send. */
    NftChain forged() {
        return chain(FORGED, FORGED, List.of());
    }

    private NftChain chain(String name, String prefix, List<NftRule> spared) {
        List<NftRule> rules = new ArrayList<>(spared);
        rules.add(NftRule.of("counter"));
        if (group != 0) {
            rules.add(NftRule.of("limit rate " + perSecond + "/second burst " + 5 * perSecond + " packets log prefix \""
                    + prefix + "\" group " + group + " snaplen " + HEADERS));
        }
        rules.add(NftRule.of("drop"));
        return new NftChain(name, "", rules);
    }
}
