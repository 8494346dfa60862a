package io.terway.policy.compile;

import io.terway.policy.HttpRule;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Ids that depend on contents only. */
final class ProgramId {

    private static final int BYTES = 12;

    private ProgramId() {}

    static String of(Program program) {
        var text = new StringBuilder(program.direction().name()).append(program.isolated());
        program.policies()
                .forEach(policy ->
                        text.append(policy.kind()).append(' ').append(policy).append('\n'));
        rules(text.append("admin\n"), program.admin());
        rules(text.append("rules\n"), program.rules());
        rules(text.append("baseline\n"), program.baseline());
        return digest(text.toString());
    }

    static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static void rules(StringBuilder text, List<Program.Rule> rules) {
        for (Program.Rule rule : rules) {
            text.append(rule.source().policy().kind())
                    .append(' ')
                    .append(rule.source().policy());
            text.append(' ')
                    .append(rule.source().rule())
                    .append(' ')
                    .append(rule.action())
                    .append(rule.anyPeer());
            rule.peers()
                    .forEach(peer -> text.append(' ')
                            .append(peer.set().id())
                            .append(peer.outside())
                            .append(peer.family().map(Enum::name).orElse("")));
            text.append(rule.anyPort()).append(rule.ports());
            for (HttpRule request : rule.http()) {
                text.append(request);
            }
            text.append('\n');
        }
    }
}
