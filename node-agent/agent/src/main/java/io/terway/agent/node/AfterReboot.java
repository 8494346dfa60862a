package io.terway.agent.node;

import io.terway.agent.ledger.Ledger;
import io.terway.agent.loop.News;
import io.terway.net.Cidr;
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
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * The agent's own choice after the node was booted (rule 11): it may have been fenced meanwhile and its addresses given to
 * others, or its disk may be an older copy. Until ipam-service has confirmed the ledger only what instance metadata still
 * lists on the ENI is used, and for {@link AfterBoot#COMPARED_WITHIN} nothing that is missing there. Any thread.
 */
public final class AfterReboot {

    private static final Logger LOG = Logger.getLogger(AfterReboot.class);

    /** Holds the boot in which ipam-service welcomed this ledger last. */
    private static final String NAME = "confirmed-boot";

    private static final String INTERFACES = "network/interfaces/macs/";
    private static final List<String> LISTS = List.of("private-ipv4s", "ipv4-prefixes", "ipv6s", "ipv6-prefixes");

    private final Path file;
    private final Supplier<BootTime> clock;
    private final Ledger ledger;
    private final Listing metadata;
    private final News troubles = new News();
    private volatile boolean confirmed;

    /** Port: instance metadata, or a model of it. */
    public interface Listing {

        /** The text at a path; empty when there is none. */
        Optional<String> find(String path) throws IOException;
    }

    private AfterReboot(Path file, Supplier<BootTime> clock, Ledger ledger, Listing metadata, boolean confirmed) {
        this.file = file;
        this.clock = clock;
        this.ledger = ledger;
        this.metadata = metadata;
        this.confirmed = confirmed;
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
        return new AfterReboot(file, clock, ledger, metadata, confirmed);
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
        if (confirmed) {
            return;
        }
        confirmed = true;
        try {
            Files.writeString(file, clock.get().bootId());
        } catch (IOException e) {
            LOG.warnf("%s cannot be written, a restarted agent will doubt its addresses: %s", file, e.getMessage());
        }
    }

    /** What the agent's own chooser would give; empty when nothing is free that may be used. May ask metadata. */
    public Optional<Proposal> choose(Claim claim) {
        boolean welcome = confirmed;
        if (!AfterBoot.doubts(welcome, clock.get())) {
            return ledger.choose(claim, _ -> true);
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
        Map<EniId, List<Cidr>> listed = new HashMap<>();
        listable.forEach((eni, mac) -> listed.put(eni, listed(mac)));
        return ledger.choose(
                claim,
                address -> routed.contains(address.eni())
                        || isListed(listed, address)
                        || welcome
                                && listed.getOrDefault(address.eni(), List.of()).isEmpty());
    }

    private static boolean isListed(Map<EniId, List<Cidr>> listed, OfferedAddress address) {
        return listed.getOrDefault(address.eni(), List.of()).stream().anyMatch(block -> block.contains(address.ip()));
    }

    private List<Cidr> listed(Mac mac) {
        try {
            Stream.Builder<String> texts = Stream.builder();
            for (String list : LISTS) {
                metadata.find(INTERFACES + mac + "/" + list).ifPresent(texts);
            }
            List<Cidr> blocks = texts.build()
                    .flatMap(list ->
                            Arrays.stream(list.replaceAll("[\\[\\]\"\\s]", "").split(",")))
                    .filter(text -> !text.isEmpty())
                    .map(Cidr::parse)
                    .collect(Collectors.toUnmodifiableList());
            troubles.over();
            return blocks;
        } catch (IOException | IllegalArgumentException e) {
            if (troubles.isNew(e.getMessage())) {
                LOG.warnf("no address of the ENI with MAC %s is used yet: %s", mac, e.getMessage());
            }
            return List.of();
        }
    }
}
