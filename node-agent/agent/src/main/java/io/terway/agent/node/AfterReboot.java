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
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

    private static final String INTERFACES = "network/interfaces/macs/";
    /** ADDs that come together ask once; a service that is silent holds none of them up for long. */
    private static final Duration ASK_AGAIN = Duration.ofSeconds(1);

    private static final Duration SILENT = Duration.ofSeconds(10);

    private static final List<String> LISTS = List.of("private-ipv4s", "ipv4-prefixes", "ipv6s", "ipv6-prefixes");

    private final Path file;
    private final Supplier<BootTime> clock;
    private final Ledger ledger;
    private final Listing metadata;
    private final News troubles = new News();
    private volatile AfterBoot standing;
    private Sight sight = Sight.NONE; // guarded by this

    /** Port: instance metadata, or a model of it. */
    public interface Listing {

        /** The text at a path; empty when there is none. */
        Optional<String> find(String path) throws IOException;
    }

    /**
     * What metadata said.
     *
     * @param until when it is asked again, since boot
     * @param listed addresses by ENI; of one that is missing here metadata knows nothing
     */
    private record Sight(Duration until, Map<EniId, List<Cidr>> listed) {

        static final Sight NONE = new Sight(Duration.ZERO, Map.of());

        boolean knows(EniId eni) {
            return listed.containsKey(eni);
        }

        boolean lists(OfferedAddress address) {
            return listed.getOrDefault(address.eni(), List.of()).stream()
                    .anyMatch(block -> block.contains(address.ip()));
        }
    }

    private AfterReboot(Path file, Supplier<BootTime> clock, Ledger ledger, Listing metadata, AfterBoot standing) {
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
        return new AfterReboot(file, clock, ledger, metadata, ledger.read(state -> AfterBoot.of(state, confirmed)));
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
        Sight seen = look(listable, time);
        return address -> now.trusts(address, time)
                || routed.contains(address.eni())
                || seen.lists(address)
                || now.confirmed() && !seen.knows(address.eni());
    }

    private synchronized Sight look(Map<EniId, Mac> enis, BootTime time) {
        if (time.sinceBoot().compareTo(sight.until()) < 0) {
            return sight;
        }
        Map<EniId, List<Cidr>> listed = new HashMap<>();
        Duration pause = ASK_AGAIN;
        for (Map.Entry<EniId, Mac> eni : enis.entrySet()) {
            try {
                List<Cidr> blocks = listed(eni.getValue());
                if (!blocks.isEmpty()) {
                    listed.put(eni.getKey(), blocks);
                }
                troubles.over();
            } catch (IOException | IllegalArgumentException e) {
                if (troubles.isNew(e.getMessage())) {
                    LOG.warnf("what the ENI with MAC %s has is not known: %s", eni.getValue(), e.getMessage());
                }
                pause = SILENT;
                break; // the others would each wait for as long
            }
        }
        sight = new Sight(time.sinceBoot().plus(pause), listed);
        return sight;
    }

    private List<Cidr> listed(Mac mac) throws IOException {
        Stream.Builder<String> texts = Stream.builder();
        for (String list : LISTS) {
            metadata.find(INTERFACES + mac + "/" + list).ifPresent(texts);
        }
        return texts.build()
                .flatMap(list ->
                        Arrays.stream(list.replaceAll("[\\[\\]\"\\s]", "").split(",")))
                .filter(text -> !text.isEmpty())
                .map(Cidr::parse)
                .collect(Collectors.toUnmodifiableList());
    }
}
