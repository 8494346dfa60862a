package io.terway.node.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Journal;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.Samples;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random histories of one node's ledger, judged by a model of what went out to pods. */
class CommitProperties {

    private static final int HISTORIES = 50 * Integer.getInteger("test.scale", 1);
    private static final int STEPS = 300;

    private final LedgerState state = Samples.fresh();
    private final Map<Ip, SandboxKey> model = new HashMap<>();
    private final Map<Ip, Long> freedAt = new HashMap<>();
    private final Set<Ip> withdrawn = new HashSet<>();
    private final ByteArrayOutputStream file = new ByteArrayOutputStream();
    private long number = 1;
    private int sandboxes;
    private long second;

    @Test
    void neverGivesOutAHeldCoolingOrWithdrawnAddress() {
        for (long seed = 0; seed < HISTORIES; seed++) {
            new CommitProperties().history(new Random(seed), "seed " + seed);
        }
    }

    private void history(Random random, String seed) {
        file.writeBytes(Journal.file(state));
        for (int i = 0; i < STEPS; i++) {
            second += random.nextInt(8);
            switch (random.nextInt(5)) {
                case 0 -> write(Samples.offer(Samples.ENI_A, 1 + random.nextInt(20), 1, ++number));
                case 1 -> withdraw(Samples.ip(1 + random.nextInt(20)));
                case 2 -> release(random);
                default -> add(random, seed + ", step " + i);
            }
        }
        var recovered = assertInstanceOf(Journal.Recovery.Recovered.class, Journal.recover(file.toByteArray()), seed);
        assertEquals(state.snapshot(), recovered.state().snapshot(), seed);
    }

    private BootTime now() {
        return Samples.at(second);
    }

    private void write(LedgerEntry entry) {
        file.writeBytes(Journal.record(entry));
        state.apply(entry);
        if (entry instanceof LedgerEntry.Offered offer) {
            offer.addresses().forEach(a -> withdrawn.remove(a.ip()));
        }
    }

    private void withdraw(Ip ip) {
        Withdrawal decided = Withdrawal.decide(state, ++number, List.of(ip), List.of(), now());
        write(decided.entry());
        withdrawn.addAll(decided.withdrawn());
    }

    private void release(Random random) {
        List<Binding> held = List.copyOf(state.bindings());
        if (held.isEmpty()) {
            return;
        }
        Binding one = held.get(random.nextInt(held.size()));
        write(new LedgerEntry.Released(one.key(), now(), true));
        one.ips().forEach(ip -> {
            model.remove(ip);
            freedAt.put(ip, second);
        });
    }

    private void add(Random random, String where) {
        String name = "c" + sandboxes++;
        Claim claim = new Claim(
                Samples.key(name), Samples.pod(name, name), Path.of("/run/netns/" + name), List.of(Family.IPV4), now());
        Proposal proposal = random.nextBoolean()
                ? new Proposal(List.of(Samples.ip(1 + random.nextInt(20))), false)
                : LocalChooser.choose(state, claim, now()).orElse(null);
        if (proposal == null) {
            return;
        }
        if (Commit.decide(state, claim, proposal, now()) instanceof CommitResult.Committed committed) {
            Ip ip = committed.entry().binding().ips().getFirst();
            assertEquals(null, model.put(ip, claim.key()), where + ": held twice");
            assertEquals(false, withdrawn.contains(ip), where + ": withdrawn");
            assertEquals(true, second - freedAt.getOrDefault(ip, -1000L) >= 30, where + ": cooling");
            write(committed.entry());
        }
    }
}
