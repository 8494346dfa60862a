package io.terway.agent.accel;

import io.terway.agent.loop.LoopGuard;
import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.Conntrack;
import io.terway.linux.netlink.ConntrackMonitor;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Lets connections of pods skip the host's stack, once that has accepted them: established, not translated, without a mark
 * of the HTTP proxy's, and alive for a moment. Policy has judged such a connection when it began, and a change that
 * forbids it makes the kernel forget it, which ends the shortcut too. Connections that the kernel may have ended unheard
 * are not kept. While it is off it costs nothing. One thread.
 */
public final class Acceleration implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Acceleration.class);

    private static final Set<Errno> PASSING =
            Set.of(Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE, Errno.EAGAIN, Errno.EBUSY);

    private final Path host;
    private final Allowed allowed;
    private final Supplier<Shortcuts> kernel;
    private final Thread thread;
    private volatile int size;

    /** Empty while it follows connections. */
    private volatile Optional<String> obstacle = Optional.of("it is starting");

    /** What the kernel cannot do does not come while it runs; what it lacks at the moment may. */
    private volatile boolean refused;

    private Acceleration(Path host, Allowed allowed, Supplier<Shortcuts> kernel) {
        this.host = host;
        this.allowed = allowed;
        this.kernel = kernel;
        thread = Thread.ofPlatform().daemon().name("acceleration").unstarted(this::run);
    }

    /** Starts it; where this kernel cannot, the log and {@link #status} say so. */
    public static Acceleration start(Path host, Allowed allowed) {
        return start(host, allowed, () -> {
            ConntrackMonitor.open(host)
                    .close(); // the kernel loads connection tracking at its first use, where it is a module
            return Shortcuts.open(host);
        });
    }

    /** @param kernel throws a {@link KernelRefusal} where it cannot */
    static Acceleration start(Path host, Allowed allowed, Supplier<Shortcuts> kernel) {
        Acceleration acceleration = new Acceleration(host, allowed, kernel);
        acceleration.thread.start();
        return acceleration;
    }

    /** Connections that skip the stack now. */
    public int size() {
        return size;
    }

    /** For people: on, with how many connections; or off, and why. */
    public String status() {
        return obstacle.map(why -> "off: " + why).orElseGet(() -> "on, " + size + " connections skip the host's stack");
    }

    /** False once it follows connections no more, though the kernel can: then it has none. */
    public boolean isAlive() {
        return refused || thread.isAlive();
    }

    private void run() {
        LoopGuard guard = new LoopGuard("accelerating connections of pods");
        try {
            while (!refused && !Thread.currentThread().isInterrupted()) {
                guard.turn(this::turn);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void turn() {
        Optional<String> now = allowed.obstacle().get();
        if (now.isPresent()) {
            tell(now);
            LockSupport.parkNanos(Following.LOOK.toNanos());
        } else {
            open().ifPresent(this::follow);
        }
    }

    private Optional<Shortcuts> open() {
        try {
            return Optional.of(kernel.get());
        } catch (KernelRefusal e) {
            if (PASSING.contains(e.errno())) {
                tell(Optional.of("this kernel cannot now: " + e.getMessage()));
                throw e;
            }
            refused = true;
            tell(Optional.of("this kernel cannot: " + e.getMessage()));
            return Optional.empty();
        }
    }

    /** A failure may be the monitor's, and what it told is lost then: the next turn begins with no shortcut. */
    private void follow(Shortcuts shortcuts) {
        try (shortcuts;
                ConntrackMonitor monitor = ConntrackMonitor.open(host);
                Conntrack conntrack = Conntrack.open(host);
                Ends ends = Ends.open(host, allowed)) {
            Following following = new Following(host, monitor, conntrack, ends, shortcuts);
            tell(Optional.empty());
            boolean looked = false;
            while (!Thread.currentThread().isInterrupted()
                    && (!looked || allowed.obstacle().get().isEmpty())) {
                looked = following.turn();
                size = following.size();
            }
        } finally {
            size = 0;
        }
    }

    private void tell(Optional<String> now) {
        if (!now.equals(obstacle)) {
            obstacle = now;
            LOG.infof(
                    "connections of pods skip the host's stack: %s",
                    now.map(why -> "no, " + why).orElse("yes"));
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
