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

/**
 * The flows that skip the host's stack, in the kernel, and the programs that look them up. Nothing of it outlives the
 * process: when it dies, every packet takes the long way again. One thread.
 */
final class Shortcuts implements AutoCloseable {

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

    /** A connection between two pods, with the keys of its two entries. */
    private record Pair(PodEnd from, PodEnd to, byte[] there, byte[] back) {}

    private final Path host;
    private final BpfMap map;
    private final Program program;
    private final Map<Integer, TcxLink> attached = new HashMap<>();
    private final Map<Flow, Pair> flows = new HashMap<>();

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
    boolean add(Flow flow, PodEnd from, PodEnd to) {
        if (flows.size() >= MAX_FLOWS) {
            return false;
        }
        attach(from.link());
        attach(to.link());
        Pair pair = new Pair(from, to, key(flow, from.link()), key(flow.back(), to.link()));
        flows.put(flow, pair);
        map.put(pair.there(), value(from, to));
        map.put(pair.back(), value(to, from));
        return true;
    }

    void remove(Flow flow) {
        Pair pair = flows.remove(flow);
        if (pair != null) {
            map.delete(pair.there());
            map.delete(pair.back());
        }
    }

    void clear() {
        List.copyOf(flows.keySet()).forEach(this::remove);
    }

    /** Ends what touches pods that are no more as they were. */
    void keep(Predicate<PodEnd> intact) {
        Map<PodEnd, Boolean> judged = new HashMap<>();
        flows.entrySet().stream()
                .filter(e -> !judged.computeIfAbsent(e.getValue().from(), intact::test)
                        || !judged.computeIfAbsent(e.getValue().to(), intact::test))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::remove);
        Set<Integer> used = new HashSet<>();
        flows.values().forEach(pair -> {
            used.add(pair.from().link());
            used.add(pair.to().link());
        });
        attached.entrySet().removeIf(e -> {
            boolean idle = !used.contains(e.getKey());
            if (idle) {
                e.getValue().close();
            }
            return idle;
        });
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
    private static byte[] value(PodEnd from, PodEnd to) {
        return ByteBuffer.allocate(FlowProgram.VALUE_BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(0)
                .putInt(to.link())
                .put(to.podMac().bytes())
                .put(to.hostMac().bytes())
                .array();
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
