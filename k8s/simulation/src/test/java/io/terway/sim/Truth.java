package io.terway.sim;

import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import java.util.HashMap;
import java.util.Map;

/** What the packets would see, whatever anybody believes: which sandbox has which address, and when it lost it. */
final class Truth {

    private static final long COOL_DOWN = 30_000;

    private final Agenda agenda;
    private final Map<Ip, Holder> live = new HashMap<>();
    private final Map<Ip, Cut> cuts = new HashMap<>();

    /** A sandbox whose traffic flows. */
    record Holder(SimNode node, SandboxKey key, String uid) {}

    private record Cut(long at, String uid) {}

    Truth(Agenda agenda) {
        this.agenda = agenda;
    }

    /** Traffic begins. Invariants 1 and 3, and the address must be the node's (4). */
    void begins(SimNode node, SandboxKey key, String uid, Ip ip, boolean onNode) {
        Holder me = new Holder(node, key, uid);
        Holder other = live.putIfAbsent(ip, me);
        if (other != null && !other.equals(me)) {
            throw new Broken(1, ip + " goes to " + describe(me) + " while " + describe(other) + " has it");
        }
        if (!onNode) {
            throw new Broken(4, ip + " is used by " + describe(me) + " but is on no ENI of its node");
        }
        Cut cut = cuts.get(ip);
        if (other == null && cut != null && !cut.uid.equals(uid) && agenda.now() - cut.at < COOL_DOWN) {
            throw new Broken(
                    3, ip + " goes to " + describe(me) + " only " + (agenda.now() - cut.at) + " ms after it was freed");
        }
    }

    /** Traffic ends. */
    void ends(SimNode node, SandboxKey key, Ip ip) {
        Holder holder = live.get(ip);
        if (holder != null && holder.node == node && holder.key.equals(key)) {
            live.remove(ip);
            cuts.put(ip, new Cut(agenda.now(), holder.uid));
        }
    }

    /** The cloud takes the address off an ENI. Invariant 4. */
    void leaves(Ip ip, SimNode node) {
        Holder holder = live.get(ip);
        if (holder != null) {
            throw new Broken(4, ip + " is taken off while " + describe(holder) + " uses it");
        }
        if (node != null && node.mayUse(ip)) {
            throw new Broken(4, ip + " is taken off while the ledger of " + node.name() + " may hand it out");
        }
    }

    int live() {
        return live.size();
    }

    private static String describe(Holder holder) {
        return holder.key.containerId() + " of " + holder.uid + " on " + holder.node.name();
    }
}
