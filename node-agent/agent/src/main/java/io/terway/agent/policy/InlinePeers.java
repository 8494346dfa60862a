package io.terway.agent.policy;

import com.google.protobuf.ByteString;
import io.terway.wire.policy.v1.Elements;
import io.terway.wire.policy.v1.PeerSet;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.Program;
import io.terway.wire.policy.v1.Rule;
import io.terway.wire.policy.v1.SetKind;
import io.terway.wire.policy.v1.SetUpdate;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads updates of a policy-service that still writes peers into its rules, as a rolling upgrade may meet one: the blocks
 * become sets named by their contents, and a program is one that isolates.
 */
final class InlinePeers {

    private InlinePeers() {}

    /** The update in the present form; itself when it is that already. */
    static PolicyUpdate modern(PolicyUpdate update) {
        if (update.getProgramsList().stream().noneMatch(InlinePeers::isOld)) {
            return update;
        }
        Map<String, SetUpdate> sets = new TreeMap<>();
        List<Program> programs = new ArrayList<>();
        for (Program program : update.getProgramsList()) {
            programs.add(isOld(program) ? modern(program, sets) : program);
        }
        return update.toBuilder()
                .addAllSets(sets.values())
                .clearPrograms()
                .addAllPrograms(programs)
                .build();
    }

    /** In the present form a program that neither isolates nor has another tier is never sent. */
    private static boolean isOld(Program program) {
        return !program.getIsolated() && program.getAdminCount() == 0 && program.getBaselineCount() == 0;
    }

    private static Program modern(Program program, Map<String, SetUpdate> sets) {
        Program.Builder out = program.toBuilder().setIsolated(true).clearRules();
        for (Rule rule : program.getRulesList()) {
            if (rule.getPeersCount() == 0) {
                out.addRules(rule);
                continue;
            }
            SetUpdate set = set(rule.getPeersList());
            sets.put(set.getId(), set);
            out.addRules(rule.toBuilder()
                    .clearPeers()
                    .addPeerSets(PeerSet.newBuilder().setSet(set.getId())));
        }
        return out.build();
    }

    private static SetUpdate set(List<String> blocks) {
        return SetUpdate.newBuilder()
                .setId(digest(String.join(",", blocks)))
                .setKind(SetKind.BLOCKS)
                .setFull(true)
                .setAdd(Elements.newBuilder().addAllBlocks(blocks))
                .build();
    }

    private static String digest(String contents) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(ByteString.copyFromUtf8(contents).toByteArray());
            return HexFormat.of().formatHex(hash, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
