package io.terway.ipam.leader;

import io.terway.ipam.IpamCommand;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.IpamLoop;
import io.terway.link.Leadership;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jboss.logging.Logger;

/** The term we lead, if any: a fresh loop when it begins, nothing left of it when it ends. */
public final class Terms implements Leadership.Listener, AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Terms.class);

    private final BiConsumer<LoopThread, IpamCommand> effects;
    private final LongFunction<IpamLoop> loops;
    private final List<Follower> followers = new CopyOnWriteArrayList<>();
    private volatile Optional<LoopThread> current = Optional.empty();
    private volatile Optional<LoopThread> serving = Optional.empty();

    /** Told about the life of terms. */
    public interface Follower {

        /** A term begins: give its loop what is known. */
        void begins(LoopThread loop);

        /** The term is over. */
        void ends(LoopThread loop);
    }

    public Terms(BiConsumer<LoopThread, IpamCommand> effects) {
        this(effects, IpamLoop::new);
    }

    /** @param loops makes the loop of a term */
    public Terms(BiConsumer<LoopThread, IpamCommand> effects, LongFunction<IpamLoop> loops) {
        this.effects = effects;
        this.loops = loops;
    }

    /** Call before the first term. */
    public void follow(Follower follower) {
        followers.add(follower);
    }

    /** The loop while we lead. */
    public Optional<LoopThread> current() {
        return current;
    }

    /** The loop once it has heard all that was known when its term began: only then may agents speak to it. */
    public Optional<LoopThread> serving() {
        return serving;
    }

    /** Tells the loop when we lead; otherwise the next term's beginning will. */
    public void tell(IpamEvent event) {
        current.ifPresent(loop -> loop.put(event));
    }

    @Override
    public void elected(long term) {
        var loop = new LoopThread(loops.apply(term), effects);
        loop.start();
        current = Optional.of(loop);
        each(follower -> follower.begins(loop));
        serving = Optional.of(loop);
    }

    @Override
    public void lost(long term) {
        Optional<LoopThread> ended = current;
        serving = Optional.empty();
        current = Optional.empty();
        ended.ifPresent(loop -> {
            loop.close();
            each(follower -> follower.ends(loop));
        });
    }

    /** One follower's failure is not the others'. */
    private void each(Consumer<Follower> call) {
        for (Follower follower : followers) {
            try {
                call.accept(follower);
            } catch (RuntimeException e) {
                LOG.errorf(e, "%s did not follow the term", follower.getClass().getName());
            }
        }
    }

    @Override
    public void close() {
        lost(current.map(LoopThread::term).orElse(0L));
    }
}
