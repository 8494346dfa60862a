package io.terway.agent.accel;

import io.terway.linux.bpf.BpfMap;
import io.terway.linux.bpf.Program;
import io.terway.linux.bpf.TcxLink;
import io.terway.linux.ffm.Errno;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * The flows that skip the host's stack, in the kernel, and the programs that look them up. Nothing of it outlives the
 * process: when it dies, every packet takes the long way again. One thread.
 */
final class Shortcuts implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Shortcuts.class);

    /** A pair of entries costs some 250 bytes of the kernel's, once it is there. */
    static final int MAX_FLOWS = 32_768;

    private static final int LOOPBACK = 1;

    /** One direction of a connection. */
    record Flow(Ip from, Ip to, int protocol, int fromPort, int toPort) {

        static Flow of(ConntrackEntry entry) {
            return new Flow(
                    entry.from(), entry.translated(), entry.protocol(), entry.fromPort(), entry.translatedPort());
        }

        Flow back() {
            return new Flow(to, from, protocol, toPort, fromPort);
        }
    }

    /** A connection with the keys of its two entries. */
    private record Entries(Ends.Pair ends, byte[] there, byte[] back) {}

    /** A link with the program, for so many ends of flows. */
    private static final class Attached {
        private TcxLink program;
        private int users;
    }

    private final Path host;
    private final Map<Family, BpfMap> maps;
    private final Program program;
    private final Map<Integer, Attached> attached = new HashMap<>();
    private final Map<Flow, Entries> flows = new HashMap<>();

    private Shortcuts(Path host, Map<Family, BpfMap> maps, Program program) {
        this.host = host;
        this.maps = maps;
        this.program = program;
    }

    /**
     * Loads the program and tries it on the loopback link.
     *
     * @throws KernelRefusal where the kernel has no tcx (before 6.6) or no functions for connection tracking, or the process
     *     may not (CAP_BPF, CAP_NET_ADMIN)
     */
    static Shortcuts open(Path host) {
        BpfMap ipv4 = map("terway_flows4", FlowProgram.IPV4_KEY_BYTES);
        BpfMap ipv6 = null;
        Program loaded = null;
        try {
            ipv6 = map("terway_flows6", FlowProgram.IPV6_KEY_BYTES);
            loaded = Program.load("terway_flow", FlowProgram.of(ipv4, ipv6));
            probe(loaded);
            return new Shortcuts(host, Map.of(Family.IPV4, ipv4, Family.IPV6, ipv6), loaded);
        } catch (KernelRefusal e) {
            if (loaded != null) {
                loaded.close();
            }
            if (ipv6 != null) {
                ipv6.close();
            }
            ipv4.close();
            throw e;
        }
    }

    private static BpfMap map(String name, int keyBytes) {
        return BpfMap.growing(name, keyBytes, FlowProgram.VALUE_BYTES, 2 * MAX_FLOWS);
    }

    private static void probe(Program program) {
        try {
            NetnsThread.callInNew(() -> TcxLink.attach(program, LOOPBACK, TcxLink.Hook.INGRESS))
                    .close();
        } catch (KernelRefusal e) {
            throw e.errno().equals(Errno.EINVAL)
                    ? new KernelRefusal("try tcx", e.errno(), "Linux has it since 6.6")
                    : e;
        }
    }

    boolean has(Flow flow) {
        return flows.containsKey(flow);
    }

    int size() {
        return flows.size();
    }

    /**
     * Both directions of a connection from now on skip the stack, as long as the kernel tracks it; false when there is no
     * room.
     *
     * @param rememberedMillis how long the kernel is to remember it from each packet on
     */
    boolean add(Flow flow, Ends.Pair ends, int rememberedMillis) {
        if (flows.size() >= MAX_FLOWS) {
            return false;
        }
        attach(ends.from().link());
        attach(ends.to().link());
        Entries entries = new Entries(ends, key(flow, ends.from()), key(flow.back(), ends.to()));
        flows.put(flow, entries);
        attached.get(ends.from().link()).users++;
        attached.get(ends.to().link()).users++;
        map(flow).put(entries.there(), value(ends.from(), ends.to(), rememberedMillis));
        map(flow).put(entries.back(), value(ends.to(), ends.from(), rememberedMillis));
        return true;
    }

    void remove(Flow flow) {
        Entries entries = flows.remove(flow);
        if (entries != null) {
            attached.get(entries.ends().from().link()).users--;
            attached.get(entries.ends().to().link()).users--;
            map(flow).delete(entries.there());
            map(flow).delete(entries.back());
        }
    }

    private BpfMap map(Flow flow) {
        return maps.get(flow.from().family());
    }

    /** Ends what touches an end that is no more as it was. */
    void keep(Predicate<End> intact) {
        Map<End, Boolean> judged = new HashMap<>();
        flows.entrySet().stream()
                .filter(e -> !judged.computeIfAbsent(e.getValue().ends().from(), intact::test)
                        || !judged.computeIfAbsent(e.getValue().ends().to(), intact::test))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::remove);
    }

    /** Takes programs off the links that no flow comes by, and puts those back that somebody else has taken off. */
    void mend() {
        for (int ifindex : List.copyOf(attached.keySet())) {
            Attached here = attached.get(ifindex);
            if (here.users == 0) {
                here.program.close();
                attached.remove(ifindex);
            } else if (!here.program.isAttached()) {
                mend(ifindex, here);
            }
        }
    }

    /** A link may be gone the moment after it was seen. */
    private void mend(int ifindex, Attached here) {
        try {
            TcxLink again = attachTo(ifindex);
            here.program.close();
            here.program = again;
        } catch (KernelRefusal e) {
            LOG.debugf("flows by link %d take the host's stack: %s", ifindex, e.getMessage());
            keep(end -> end.link() != ifindex);
        }
    }

    private void attach(int ifindex) {
        if (!attached.containsKey(ifindex)) {
            Attached here = new Attached();
            here.program = attachTo(ifindex);
            attached.put(ifindex, here);
        }
    }

    private TcxLink attachTo(int ifindex) {
        return NetnsThread.call(host, () -> TcxLink.attach(program, ifindex, TcxLink.Hook.INGRESS));
    }

    private static byte[] key(Flow flow, End from) {
        boolean ipv4 = flow.from().family() == Family.IPV4;
        return ByteBuffer.allocate(ipv4 ? FlowProgram.IPV4_KEY_BYTES : FlowProgram.IPV6_KEY_BYTES)
                .put(flow.from().bytes())
                .put(flow.to().bytes())
                .putShort((short) flow.fromPort())
                .putShort((short) flow.toPort())
                .order(ByteOrder.nativeOrder())
                .putInt(from.link())
                .putInt(flow.protocol() | FlowProgram.tagged(from.tag()))
                .array();
    }

    /** It was never kept alive, so that the first packet asks whether the kernel tracks it still. */
    private static byte[] value(End from, End to, int rememberedMillis) {
        ByteBuffer value = ByteBuffer.allocate(FlowProgram.VALUE_BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(0)
                .putInt(to.link());
        switch (to) {
            case End.Pod pod ->
                value.putInt(from.tag() == 0 ? FlowProgram.INTO_POD : FlowProgram.UNTAGGED_INTO_POD)
                        .put(pod.podMac().bytes())
                        .put(pod.hostMac().bytes());
            case End.Beyond _ -> value.putInt(FlowProgram.OUT).put(new byte[12]);
        }
        return value.putInt(rememberedMillis).array();
    }

    @Override
    public void close() {
        attached.values().forEach(here -> here.program.close());
        attached.clear();
        program.close();
        maps.values().forEach(BpfMap::close);
    }
}
