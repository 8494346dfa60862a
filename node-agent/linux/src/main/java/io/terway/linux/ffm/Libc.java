package io.terway.linux.ffm;

import static java.lang.foreign.FunctionDescriptor.of;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * System calls. Each captures errno in its own confined arena, so all are safe from any thread; a call that blocks pins
 * a virtual thread's carrier. Loading this class links every function (about 150 ms, once).
 */
public final class Libc {

    public static final int AF_NETLINK = 16;
    public static final int SOCK_RAW = 3;
    public static final int SOCK_CLOEXEC = 0x80000;
    public static final int SOL_SOCKET = 1;
    public static final int SO_RCVBUFFORCE = 33;
    public static final int SOL_NETLINK = 270;
    public static final int CLONE_NEWNET = 0x40000000;
    public static final int O_RDONLY = 0;
    public static final int O_CLOEXEC = 0x80000;
    public static final int MSG_TRUNC = 0x20;
    public static final long MS_BIND = 4096;
    public static final long MS_REC = 16384;
    public static final long MS_SHARED = 1 << 20;
    public static final int MNT_DETACH = 2;

    private static final int SO_RCVTIMEO = 20;
    private static final int SO_ATTACH_FILTER = 26;
    private static final int SOCK_FILTER_BYTES = 8;
    private static final short POLLIN = 1;
    private static final int TIMEX_BYTES = 256; // struct timex has 208

    private static final List<Downcall> DOWNCALLS = new ArrayList<>();
    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET = link("socket", of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle BIND = link("bind", of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SETSOCKOPT =
            link("setsockopt", of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle SEND = link("send", of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECV = link("recv", of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle RECVMSG = link("recvmsg", of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle POLL = link("poll", of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    private static final MethodHandle CLOSE = link("close", of(JAVA_INT, JAVA_INT));
    private static final MethodHandle ADJTIMEX = link("adjtimex", of(JAVA_INT, ADDRESS));
    private static final MethodHandle SETNS = link("setns", of(JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle UNSHARE = link("unshare", of(JAVA_INT, JAVA_INT));
    private static final MethodHandle MOUNT =
            link("mount", of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    private static final MethodHandle UMOUNT2 = link("umount2", of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle OPEN =
            link(new Downcall("open", of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 2, true));

    private static final MethodHandle SYSCALL =
            link(new Downcall("syscall", of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT), 1, true));

    /** The number of bpf(2), which has no C function. */
    private static final long NR_BPF = System.getProperty("os.arch").equals("amd64") ? 321L : 280L;

    private Libc() {}

    /** How it stands with the machine's clock, which is asked and not changed: 0 to 5, by TIME_OK to TIME_ERROR. */
    public static Syscall clockState() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment timex = arena.allocate(TIMEX_BYTES, 8); // zeros: no field is to be set
            return result((int) ADJTIMEX.invokeExact(state, timex), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Every function linked here, for the native image's metadata. */
    public static List<Downcall> downcalls() {
        return List.copyOf(DOWNCALLS);
    }

    public static Syscall socket(int domain, int type, int protocol) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result((int) SOCKET.invokeExact(state, domain, type, protocol), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Binds a socket to a raw {@code sockaddr}. */
    public static Syscall bind(int fd, byte[] sockaddr) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment address = arena.allocateFrom(JAVA_BYTE, sockaddr);
            return result((int) BIND.invokeExact(state, fd, address, sockaddr.length), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Sets an integer socket option. */
    public static Syscall setOption(int fd, int level, int option, int value) {
        try (Arena arena = Arena.ofConfined()) {
            return setOption(arena, fd, level, option, arena.allocateFrom(JAVA_INT, value));
        }
    }

    /** Bounds every later receive on this socket; 0 means none. */
    public static Syscall setReceiveTimeout(int fd, long seconds) {
        try (Arena arena = Arena.ofConfined()) {
            return setOption(arena, fd, SOL_SOCKET, SO_RCVTIMEO, arena.allocateFrom(JAVA_LONG, seconds, 0));
        }
    }

    /**
     * Lets the kernel drop what a filter does not accept before the socket has it.
     *
     * @param program classic BPF: struct sock_filter, one after another
     */
    public static Syscall attachFilter(int fd, byte[] program) {
        try (Arena arena = Arena.ofConfined()) {
            // struct sock_fprog: number of instructions, then where they are.
            MemorySegment header = arena.allocate(16, 8);
            header.set(JAVA_SHORT, 0, (short) (program.length / SOCK_FILTER_BYTES));
            header.set(ADDRESS, 8, aligned(arena, program));
            return setOption(arena, fd, SOL_SOCKET, SO_ATTACH_FILTER, header);
        }
    }

    /** Sends the first {@code length} bytes as one datagram. */
    public static Syscall send(int fd, byte[] data, int length) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment buffer = arena.allocate(length);
            MemorySegment.copy(data, 0, buffer, JAVA_BYTE, 0, length);
            return result((long) SEND.invokeExact(state, fd, buffer, (long) length, 0), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Receives one datagram; with {@link #MSG_TRUNC} the value is its real length, which may exceed the segment's. */
    public static Syscall receive(int fd, MemorySegment into, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result((long) RECV.invokeExact(state, fd, into, into.byteSize(), flags), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Receives one datagram with its control data into a filled-in {@code struct msghdr}. */
    public static Syscall receiveMessage(int fd, MemorySegment header, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result((long) RECVMSG.invokeExact(state, fd, header, flags), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Waits until {@code fd} can be read; the value is 1 then, and 0 when the time was up. */
    public static Syscall awaitReadable(int fd, int milliseconds) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment pollfd = arena.allocate(8, 4);
            pollfd.set(JAVA_INT, 0, fd);
            pollfd.set(JAVA_SHORT, 4, POLLIN);
            return result((int) POLL.invokeExact(state, pollfd, 1L, milliseconds), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Opens an existing file. */
    public static Syscall open(String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result((int) OPEN.invokeExact(state, arena.allocateFrom(path), flags, 0), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    public static Syscall close(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result((int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Moves the calling OS thread into a namespace: never call it on a thread that others may use afterwards. */
    public static Syscall setns(int fd, int type) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result((int) SETNS.invokeExact(state, fd, type), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** Moves the calling OS thread into a new namespace; the hazard of {@link #setns}. */
    public static Syscall unshare(int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result((int) UNSHARE.invokeExact(state, flags), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** mount(2) without data. */
    public static Syscall mount(String source, String target, String type, long flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment from = arena.allocateFrom(source);
            MemorySegment to = arena.allocateFrom(target);
            MemorySegment kind = arena.allocateFrom(type);
            return result((int) MOUNT.invokeExact(state, from, to, kind, flags, MemorySegment.NULL), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    public static Syscall unmount(String target, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result((int) UMOUNT2.invokeExact(state, arena.allocateFrom(target), flags), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    /** bpf(2) with a filled-in union of attributes. */
    public static Syscall bpf(int command, MemorySegment attribute, int size) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            return result((long) SYSCALL.invokeExact(state, NR_BPF, command, attribute, size), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    private static MemorySegment aligned(Arena arena, byte[] bytes) {
        return arena.allocate(bytes.length, 8).copyFrom(MemorySegment.ofArray(bytes));
    }

    private static Syscall setOption(Arena arena, int fd, int level, int option, MemorySegment value) {
        try {
            MemorySegment state = arena.allocate(STATE);
            int size = (int) value.byteSize();
            return result((int) SETSOCKOPT.invokeExact(state, fd, level, option, value, size), state);
        } catch (Throwable t) {
            throw Downcall.bug(t);
        }
    }

    private static Syscall result(long value, MemorySegment state) {
        return value >= 0 ? new Syscall.Ok(value) : new Syscall.Failed(new Errno((int) ERRNO.get(state, 0L)));
    }

    private static MethodHandle link(String symbol, FunctionDescriptor descriptor) {
        return link(Downcall.errno(symbol, descriptor));
    }

    private static MethodHandle link(Downcall downcall) {
        DOWNCALLS.add(downcall);
        return downcall.link(Linker.nativeLinker().defaultLookup());
    }
}
