package io.terway.agent.node;

import io.terway.agent.ledger.Ledger;
import io.terway.net.EniId;
import io.terway.net.Mac;
import io.terway.node.commit.AfterBoot;
import io.terway.node.commit.Claim;
import io.terway.node.commit.Proposal;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.EniRole;
import io.terway.node.ledger.OfferedAddress;
import io.terway.node.ledger.OfferedEni;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * What a booted node may give to pods (rule 11): it may have been fenced meanwhile and its addresses given to others, or its
 * disk may be an older copy. Until ipam-service has confirmed the ledger only what instance metadata still lists on the ENI
 * is used, and for {@link AfterBoot#COMPARED_WITHIN} nothing that is missing there, whoever proposes it: a new leader knows
 * no better than the ledger. Any thread.
 */
public final class AfterReboot {

    private static final Logger LOG = Logger.getLogger(AfterReboot.class);

    /** Holds the boot in which ipam-service welcomed this ledger last. */
    private static final String NAME = "confirmed-boot";

    private final Path file;
    private final Supplier<BootTime> clock;
    private final Ledger ledger;
    private final Lookout metadata;
    private volatile AfterBoot standing;

    /** Port: instance metadata, or a model of it. Any thread, several at a time. */
    public interface Listing {

        /** The text at a path; empty when there is none. */
        Optional<String> find(String path) throws IOException;
    }

    private AfterReboot(Path file, Supplier<BootTime> clock, Ledger ledger, Lookout metadata, AfterBoot standing) {
        this.file = file;
        this.clock = clock;
        this.ledger = ledger;
        this.metadata = metadata;
        this.standing = standing;
    }

    /** @param clock the time since this boot */
    public static AfterReboot open(Path directory, Supplier<BootTime> clock, Ledger ledger, Listing metadata) {
        Path file = directory.resolve(NAME);
        boolean confirmed = clock.get().bootId().equals(read(file));
        if (!confirmed && ledger.read(state -> !state.offered().isEmpty())) {
            LOG.info(
                    "the node was booted since ipam-service confirmed its addresses; until it does again, only those that"
                            + " instance metadata lists are used");
        }
        Lookout lookout = new Lookout(clock, metadata, Lookout.WITHIN);
        return new AfterReboot(file, clock, ledger, lookout, ledger.read(state -> AfterBoot.of(state, confirmed)));
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file).strip() : "";
        } catch (IOException e) {
            return ""; // then what it would say is asked of metadata
        }
    }

    /** ipam-service has welcomed the ledger in this boot. */
    public void confirm() {
        if (standing.confirmed()) {
            return;
        }
        standing = standing.welcomed();
        try {
            Files.writeString(file, clock.get().bootId());
        } catch (IOException e) {
            LOG.warnf("%s cannot be written, a restarted agent will doubt its addresses: %s", file, e.getMessage());
        }
    }

    /** What the agent's own chooser would give; empty when nothing is free that may be used. May ask metadata. */
    public Optional<Proposal> choose(Claim claim) {
        return ledger.choose(claim, there());
    }

    /** What of the offered set is on the node for all we know, to be asked for each try. May ask metadata. */
    public Predicate<OfferedAddress> there() {
        AfterBoot now = standing;
        BootTime time = clock.get();
        if (!now.doubts(time)) {
            return _ -> true;
        }
        Set<EniId> routed = new HashSet<>();
        Map<EniId, Mac> listable = new HashMap<>();
        for (OfferedEni eni : ledger.read(state -> List.copyOf(state.enis()))) {
            switch (eni.role()) {
                case EniRole.Primary() -> routed.add(eni.id()); // the pod CIDR is the node's as long as the instance is
                case EniRole.Secondary(), EniRole.Trunk() -> listable.put(eni.id(), eni.mac());
                case EniRole.Member _ -> {} // metadata does not know them
            }
        }
        Sight seen = metadata.look(listable);
        return address -> now.trusts(address, time)
                || routed.contains(address.eni())
                || seen.lists(address)
                || now.confirmed() && !seen.knows(address.eni());
    }
}
