package io.terway.agent.accel;

import io.terway.linux.bpf.BpfMap;
import io.terway.linux.bpf.Program;
import io.terway.linux.bpf.TcxLink;
import io.terway.linux.ffm.KernelRefusal;
import io.terway.linux.netlink.ConntrackEntry;
import io.terway.linux.netns.NetnsThread;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * The flows that skip the host's stack, in the kernel, and the programs that look them up. Nothing of it outlives the
 * process: when it dies, every packet takes the long way again. One thread.
 */
final class Shortcuts implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Shortcuts.class);

    /** A pair of entries costs some 200 bytes of the kernel's. */
    static final int MAX_FLOWS = 32_768;

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

    private final Path host;
    private final BpfMap map;
    private final Program program;
    private final Map<Integer, TcxLink> attached = new HashMap<>();
    private final Map<Flow, Entries> flows = new HashMap<>();

    /**
     * Loads the program and tries it on the loopback link.
     *
     * @throws KernelRefusal where the kernel has no tcx (before 6.6) or the process may not (CAP_BPF, CAP_NET_ADMIN)
     */
    Shortcuts(Path host) {
        this.host = host;
        map = BpfMap.hash("terway_flows", FlowProgram.KEY_BYTES, FlowProgram.VALUE_BYTES, 2 * MAX_FLOWS);
        Program loaded = null;
        try {
            loaded = Program.load("terway_flow", FlowProgram.of(map));
            probe(loaded);
        } catch (KernelRefusal e) {
            if (loaded != null) {
                loaded.close();
            }
            map.close();
            throw e;
        }
        program = loaded;
    }

    private static void probe(Program program) {
        int loopback = 1;
        NetnsThread.callInNew(() -> TcxLink.attach(program, loopback, TcxLink.Hook.INGRESS))
                .close();
    }

    boolean has(Flow flow) {
        return flows.containsKey(flow);
    }

    int size() {
        return flows.size();
    }

    /** Both directions of a connection from now on skip the stack; false when there is no room. */
    boolean add(Flow flow, Ends.Pair ends) {
        if (flows.size() >= MAX_FLOWS) {
            return false;
        }
        attach(ends.from().link());
        attach(ends.to().link());
        Entries entries = new Entries(
                ends, key(flow, ends.from().link()), key(flow.back(), ends.to().link()));
        flows.put(flow, entries);
        map.put(entries.there(), value(ends.to()));
        map.put(entries.back(), value(ends.from()));
        return true;
    }

    void remove(Flow flow) {
        Entries entries = flows.remove(flow);
        if (entries != null) {
            map.delete(entries.there());
            map.delete(entries.back());
        }
    }

    void clear() {
        List.copyOf(flows.keySet()).forEach(this::remove);
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
        Set<Integer> used = new HashSet<>();
        flows.values().forEach(entries -> {
            used.add(entries.ends().from().link());
            used.add(entries.ends().to().link());
        });
        attached.entrySet().removeIf(e -> {
            boolean done = !used.contains(e.getKey()) || !e.getValue().isAttached();
            if (done) {
                e.getValue().close();
            }
            return done;
        });
        used.forEach(this::attachOrForgo);
    }

    /** A link may be gone the moment after it was seen. */
    private void attachOrForgo(int ifindex) {
        try {
            attach(ifindex);
        } catch (KernelRefusal e) {
            LOG.debugf("flows by link %d take the host's stack: %s", ifindex, e.getMessage());
            keep(end -> end.link() != ifindex);
        }
    }

    private void attach(int ifindex) {
        attached.computeIfAbsent(
                ifindex, index -> NetnsThread.call(host, () -> TcxLink.attach(program, index, TcxLink.Hook.INGRESS)));
    }

    private static byte[] key(Flow flow, int ifindex) {
        ByteBuffer key = ByteBuffer.allocate(FlowProgram.KEY_BYTES);
        key.put(mapped(flow.from())).put(mapped(flow.to()));
        key.order(ByteOrder.nativeOrder()).putInt(ifindex);
        key.order(ByteOrder.BIG_ENDIAN).putShort((short) flow.fromPort()).putShort((short) flow.toPort());
        key.order(ByteOrder.nativeOrder()).putInt(flow.protocol());
        return key.array();
    }

    /** The stack has never seen it, so that the first packet goes there. */
    private static byte[] value(End to) {
        ByteBuffer value = ByteBuffer.allocate(FlowProgram.VALUE_BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(0)
                .putInt(to.link());
        switch (to) {
            case End.Pod pod ->
                value.putInt(FlowProgram.INTO_POD)
                        .put(pod.podMac().bytes())
                        .put(pod.hostMac().bytes());
            case End.Beyond _ -> value.putInt(FlowProgram.OUT);
        }
        return value.array();
    }

    private static byte[] mapped(Ip ip) {
        if (ip.family() == Family.IPV6) {
            return ip.bytes();
        }
        byte[] mapped = new byte[16];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(ip.bytes(), 0, mapped, 12, 4);
        return mapped;
    }

    @Override
    public void close() {
        attached.values().forEach(TcxLink::close);
        attached.clear();
        program.close();
        map.close();
    }
}
