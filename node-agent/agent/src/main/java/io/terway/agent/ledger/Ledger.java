package io.terway.agent.ledger;

import io.terway.net.EniId;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.commit.Claim;
import io.terway.node.commit.Commit;
import io.terway.node.commit.CommitResult;
import io.terway.node.commit.LedgerBook;
import io.terway.node.commit.LocalChooser;
import io.terway.node.commit.Proposal;
import io.terway.node.commit.Withdrawal;
import io.terway.node.ledger.Attachment;
import io.terway.node.ledger.Binding;
import io.terway.node.ledger.BootTime;
import io.terway.node.ledger.Disk;
import io.terway.node.ledger.EniGroups;
import io.terway.node.ledger.Journal;
import io.terway.node.ledger.LedgerEntry;
import io.terway.node.ledger.LedgerState;
import io.terway.node.ledger.NodeConfig;
import io.terway.node.ledger.OfferedAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * The one owner of the ledger's state and file. A fact is written, then applied; a fact that cannot be written did not
 * happen. Any thread; calls are short, no one holds the lock over I/O of others. Longer than 300 lines because one lock
 * guards all of it.
 */
public final class Ledger implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Ledger.class);
    private static final String NAME = "ledger";

    private final ReentrantLock lock = new ReentrantLock();
    private final Path path;
    private final BootClock clock;
    private final OwnerLock owner;
    private final Disk disk;
    private final boolean fresh;
    private final LedgerState salvaged; // guarded by lock; empty unless damaged
    private LedgerState state; // guarded by lock
    private LedgerBook book; // guarded by lock; null in quarantine
    private volatile String quarantine;
    private volatile Listener listener = (_, _) -> {};
    private volatile Runnable replaced = () -> {};

    /** Told of each bind and release, in order, while the ledger is locked: must return at once. */
    public interface Listener {

        /**
         * @param sequence of the bind or release
         * @param change what happened
         */
        void changed(long sequence, Change change);
    }

    /** A bind or a release, with the binding it is about. */
    public sealed interface Change {
        Binding binding();

        record Bound(Binding binding) implements Change {}

        record Released(Binding binding, boolean plumbed) implements Change {}
    }

    /** A whole ledger. */
    private Ledger(Path path, BootClock clock, OwnerLock owner, Disk disk, LedgerBook book, boolean fresh) {
        this(path, clock, owner, disk, new LedgerState(), "", fresh);
        this.book = book;
        this.state = book.state();
    }

    /** A damaged one: it says nothing but the highest term, so that no leader of the past is obeyed. */
    private Ledger(
            Path path,
            BootClock clock,
            OwnerLock owner,
            Disk disk,
            LedgerState salvaged,
            String quarantine,
            boolean fresh) {
        this.path = path;
        this.clock = clock;
        this.owner = owner;
        this.disk = disk;
        this.salvaged = salvaged;
        this.quarantine = quarantine;
        this.fresh = fresh;
        this.state = new LedgerState();
        state.apply(new LedgerEntry.TermSeen(salvaged.term()));
    }

    /**
     * Recovers the ledger of a directory, or makes one. Damage is not an exception: the ledger opens in quarantine.
     *
     * @throws LedgerUnusable when the directory cannot be used, or another agent uses it
     */
    public static Ledger open(Path directory, BootClock clock) {
        return open(directory, clock, new FileDisk());
    }

    static Ledger open(Path directory, BootClock clock, Disk disk) {
        Path path = directory.resolve(NAME);
        try {
            Files.createDirectories(directory);
            OwnerLock owner = OwnerLock.take(directory.resolve(NAME + ".lock"));
            if (!Files.exists(path)) {
                LedgerBook fresh =
                        LedgerBook.create(path, disk, UUID.randomUUID().toString(), clock.now());
                LOG.infof("made ledger %s in %s", fresh.state().ledgerId(), path);
                return new Ledger(path, clock, owner, disk, fresh, true);
            }
            return recover(path, clock, owner, disk);
        } catch (IOException e) {
            throw new LedgerUnusable("the ledger in " + directory + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private static Ledger recover(Path path, BootClock clock, OwnerLock owner, Disk disk) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        return switch (Journal.recover(bytes)) {
            case Journal.Recovery.Recovered whole -> {
                if (whole.length() < bytes.length) {
                    LOG.warnf("cut a torn record of %d bytes off %s", bytes.length - whole.length(), path);
                }
                yield new Ledger(path, clock, owner, disk, LedgerBook.open(path, disk, whole, clock.now()), false);
            }
            case Journal.Recovery.Damaged damaged -> {
                String why = "ledger " + path + " is damaged (" + damaged.reason()
                        + "); new pods are refused until every address is accounted for";
                LOG.error(why);
                yield new Ledger(path, clock, owner, disk, Journal.salvage(bytes), why, false);
            }
        };
    }

    /** True when there was none before. */
    public boolean isNew() {
        return fresh;
    }

    /** Why nothing can be recorded; empty when all is well. */
    public String quarantine() {
        return quarantine;
    }

    /** Who wants to hear of binds and releases; one. */
    public void listen(Listener wanted) {
        listener = wanted;
    }

    /** Looks at the state; the function must not keep it. */
    public <T> T read(Function<LedgerState, T> look) {
        lock.lock();
        try {
            return look.apply(state);
        } finally {
            lock.unlock();
        }
    }

    /** Likewise, where the ledger is damaged at what can still be read of it. */
    public <T> T readOld(Function<LedgerState, T> look) {
        lock.lock();
        try {
            return look.apply(book == null ? salvaged : state);
        } finally {
            lock.unlock();
        }
    }

    /** What is done once another ledger is in force; one. */
    public void whenReplaced(Runnable wanted) {
        replaced = wanted;
    }

    /**
     * Puts a ledger that was made anew in force; the former one is kept beside it for people.
     *
     * @param sequence of the former one when the new one was made
     * @throws LedgerUnusable when it has changed since, or the disk does not take the new one
     */
    public void replace(LedgerState fresh, long sequence) {
        lock.lock();
        try {
            if (book != null && state.sequence() != sequence) {
                throw new LedgerUnusable("the ledger has changed while it was made anew; it is made again", null);
            }
            Path former = path.resolveSibling(NAME + ".replaced");
            Files.copy(path, former, StandardCopyOption.REPLACE_EXISTING);
            LedgerBook next = LedgerBook.replace(path, disk, fresh);
            if (book != null) {
                book.close();
            }
            book = next;
            state = fresh;
            quarantine = "";
            LOG.infof(
                    "ledger %s was made anew with %d sandboxes; the former one is %s",
                    fresh.ledgerId(), fresh.bindings().size(), former);
        } catch (IOException e) {
            throw new LedgerUnusable("ledger " + path + " cannot be made anew: " + e.getMessage(), e);
        } finally {
            lock.unlock();
        }
        replaced.run();
    }

    /**
     * Commits what a chooser proposed, if the ledger allows it.
     *
     * @param groups whose security groups the pod has
     * @param there what of the offered set is on the node for all we know; must answer at once
     */
    public CommitResult commit(Claim claim, Proposal proposal, EniGroups groups, Predicate<OfferedAddress> there) {
        lock.lock();
        try {
            CommitResult result = write(b -> b.commit(claim, proposal, groups, there, clock.now()));
            if (result instanceof CommitResult.Committed(LedgerEntry.Bound entry)) {
                listener.changed(state.sequence(), new Change.Bound(entry.binding()));
            }
            return result;
        } finally {
            lock.unlock();
        }
    }

    /** Takes in that the runtime began the sandbox again; see {@link LedgerBook#renew}. */
    public void renew(Binding held, BootTime asked) {
        lock.lock();
        try {
            write(b -> b.renew(held.key(), asked))
                    .ifPresent(renewed -> listener.changed(state.sequence(), new Change.Bound(renewed)));
        } finally {
            lock.unlock();
        }
    }

    /** What the agent's own chooser would give; empty when nothing is free. */
    public Optional<Proposal> choose(Claim claim, Predicate<OfferedAddress> usable) {
        return read(s -> LocalChooser.choose(s, claim, clock.now(), usable));
    }

    /** Addresses a chooser need not propose to it now; see {@link Commit#unproposable}. */
    public List<Ip> unproposable(Claim claim, Map<Ip, Attachment> refused, Predicate<OfferedAddress> there) {
        return read(s -> Commit.unproposable(s, claim, refused, there, clock.now()));
    }

    /**
     * Gives back what the sandbox holds; empty when it holds nothing.
     *
     * @param plumbed false when no kernel object was made for it
     */
    public Optional<Binding> release(SandboxKey key, boolean plumbed) {
        lock.lock();
        try {
            if (state.binding(key).isEmpty()) {
                return Optional.empty(); // also in quarantine, where nothing can be written
            }
            Optional<Binding> binding = write(b -> b.release(key, clock.now(), plumbed));
            if (binding.isPresent()) {
                listener.changed(state.sequence(), new Change.Released(binding.get(), plumbed));
                compact();
            }
            return binding;
        } finally {
            lock.unlock();
        }
    }

    /** Withdraws what is free of these; the answer is on disk. */
    public Withdrawal withdraw(long number, List<Ip> addresses, List<EniId> enis) {
        lock.lock();
        try {
            return write(b -> b.withdraw(number, addresses, enis, clock.now()));
        } finally {
            lock.unlock();
        }
    }

    /** Records an offer. */
    public void offer(LedgerEntry.Offered offer) {
        record(offer);
    }

    /** Records a configuration. */
    public void configure(NodeConfig config) {
        record(new LedgerEntry.Configured(config));
    }

    /**
     * Records a leader's term, durably; false when a higher one has spoken. A ledger in quarantine only remembers it:
     * it promises nothing.
     */
    public boolean accepts(long term) {
        lock.lock();
        try {
            if (book != null) {
                return write(b -> b.accepts(term));
            }
            state.apply(new LedgerEntry.TermSeen(term));
            return term == state.term();
        } finally {
            lock.unlock();
        }
    }

    private void record(LedgerEntry entry) {
        lock.lock();
        try {
            write(b -> {
                b.record(entry);
                return entry;
            });
        } finally {
            lock.unlock();
        }
    }

    /** Something that writes. */
    private interface Writing<T> {
        T on(LedgerBook book) throws IOException;
    }

    private <T> T write(Writing<T> change) {
        if (book == null) {
            throw new LedgerUnusable(quarantine, null);
        }
        try {
            return change.on(book);
        } catch (IOException e) {
            throw new LedgerUnusable(
                    "ledger " + path + " cannot be written: " + e.getMessage() + "; free space or repair the disk", e);
        }
    }

    private void compact() {
        try {
            book.compact();
        } catch (IOException e) {
            LOG.warnf("ledger %s keeps growing, it cannot be rewritten: %s", path, e.getMessage());
        }
    }

    @Override
    public void close() {
        lock.lock();
        try (owner) {
            if (book != null) {
                book.close();
            }
        } catch (IOException e) {
            LOG.warnf("closing ledger %s: %s", path, e.getMessage());
        } finally {
            lock.unlock();
        }
    }
}
