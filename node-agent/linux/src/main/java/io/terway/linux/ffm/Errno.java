package io.terway.linux.ffm;

import java.util.Map;

/** A Linux error number (asm-generic/errno.h; the same on x86-64 and arm64). */
public record Errno(int code) {

    public static final Errno EPERM = new Errno(1);
    public static final Errno ENOENT = new Errno(2);
    public static final Errno ESRCH = new Errno(3);
    public static final Errno EINTR = new Errno(4);
    public static final Errno EAGAIN = new Errno(11);
    public static final Errno ENOMEM = new Errno(12);
    public static final Errno EBUSY = new Errno(16);
    public static final Errno EEXIST = new Errno(17);
    public static final Errno ENODEV = new Errno(19);
    public static final Errno EINVAL = new Errno(22);
    public static final Errno ENFILE = new Errno(23);
    public static final Errno EMFILE = new Errno(24);
    public static final Errno ETIME = new Errno(62);
    public static final Errno EOPNOTSUPP = new Errno(95);
    public static final Errno EADDRNOTAVAIL = new Errno(99);
    public static final Errno ENOBUFS = new Errno(105);

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(1, "EPERM: operation not permitted"),
            Map.entry(2, "ENOENT: no such object"),
            Map.entry(3, "ESRCH: no such object"),
            Map.entry(4, "EINTR: interrupted"),
            Map.entry(5, "EIO: input/output error"),
            Map.entry(6, "ENXIO: no such device or address"),
            Map.entry(9, "EBADF: bad file descriptor"),
            Map.entry(11, "EAGAIN: try again"),
            Map.entry(12, "ENOMEM: out of memory"),
            Map.entry(13, "EACCES: permission denied"),
            Map.entry(14, "EFAULT: bad address"),
            Map.entry(16, "EBUSY: device or resource busy"),
            Map.entry(17, "EEXIST: it exists"),
            Map.entry(19, "ENODEV: no such device"),
            Map.entry(20, "ENOTDIR: not a directory"),
            Map.entry(21, "EISDIR: is a directory"),
            Map.entry(22, "EINVAL: invalid argument"),
            Map.entry(23, "ENFILE: too many open files on this node"),
            Map.entry(24, "EMFILE: too many open files"),
            Map.entry(28, "ENOSPC: no space left"),
            Map.entry(30, "EROFS: read-only file system"),
            Map.entry(34, "ERANGE: out of range"),
            Map.entry(40, "ELOOP: too many levels"),
            Map.entry(62, "ETIME: timer expired"),
            Map.entry(71, "EPROTO: protocol error"),
            Map.entry(93, "EPROTONOSUPPORT: protocol not supported"),
            Map.entry(95, "EOPNOTSUPP: not supported"),
            Map.entry(97, "EAFNOSUPPORT: address family not supported"),
            Map.entry(98, "EADDRINUSE: address in use"),
            Map.entry(99, "EADDRNOTAVAIL: address not available"),
            Map.entry(100, "ENETDOWN: network is down"),
            Map.entry(101, "ENETUNREACH: network is unreachable"),
            Map.entry(105, "ENOBUFS: no buffer space"),
            Map.entry(110, "ETIMEDOUT: timed out"),
            Map.entry(113, "EHOSTUNREACH: no route to host"));

    /** Symbol and meaning, for messages. */
    @Override
    public String toString() {
        return NAMES.getOrDefault(code, "errno " + code);
    }
}
