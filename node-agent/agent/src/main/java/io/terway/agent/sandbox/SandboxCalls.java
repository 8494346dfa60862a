package io.terway.agent.sandbox;

import io.terway.agent.ipam.Foresight;
import io.terway.agent.ipam.IpamLink;
import io.terway.agent.ledger.BootClock;
import io.terway.agent.ledger.Ledger;
import io.terway.agent.node.AfterReboot;
import io.terway.agent.node.EniLinks;
import io.terway.agent.pods.PodCache;
import io.terway.agent.pods.PodLookup;
import io.terway.net.NodeName;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The verbs, put together. */
public record SandboxCalls(CniServer server, Sweep sweep, Releases releases) {

    /**
     * What the verbs work with.
     *
     * @param quarantine why no new address may be given out; empty when it may
     * @param unavailable why ADDs cannot be served now; empty when they can
     * @param portsByOthers true while the portmap plugin is in the chain behind us
     * @param freed told after each release
     */
    public record Parts(
            NodeName node,
            Ledger ledger,
            BootClock clock,
            PodCache pods,
            PodLookup lookup,
            IpamLink ipam,
            Foresight foresight,
            AfterReboot afterReboot,
            EniLinks links,
            Datapath datapath,
            Supply supply,
            Supplier<String> quarantine,
            Supplier<String> unavailable,
            BooleanSupplier portsByOthers,
            Runnable freed,
            CniServer.Observer observer) {}

    public static SandboxCalls assemble(Parts p) {
        Lanes lanes = new Lanes(p.supply());
        Releases releases = new Releases(p.ledger(), lanes, p.freed());
        Assigner assigner =
                new Assigner(p.ledger(), p.ipam(), p.foresight(), p.afterReboot(), p.supply(), p.quarantine());
        AddCall add = new AddCall(
                p.node(),
                p.ledger(),
                p.clock(),
                p.lookup(),
                assigner,
                p.links(),
                p.datapath(),
                lanes,
                releases,
                p.supply(),
                p.quarantine(),
                p.portsByOthers());
        DelCall del = new DelCall(p.ledger(), p.clock(), p.datapath(), releases);
        CheckCall check = new CheckCall(p.ledger(), p.datapath());
        Collector collector = new Collector(p.ledger(), p.clock(), p.pods(), lanes, del);
        CniServer server = new CniServer(add, del, check, collector, lanes, p.ledger(), p.unavailable(), p.observer());
        Sweep sweep = new Sweep(p.ledger(), p.clock(), p.datapath(), p.links(), lanes, collector, releases);
        return new SandboxCalls(server, sweep, releases);
    }
}
