package io.terway.node.ledger;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import io.terway.net.SandboxKey;
import io.terway.node.hostport.HostPort;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Entries to bytes. The kinds and field orders are fixed: {@link EntryReader} of later versions reads them. What later
 * versions add to a configuration, an ENI or a binding goes to the end of its tail, whose length is written first: an
 * earlier reader skips what it does not know, a later one takes defaults for what is not there.
 */
final class EntryWriter {

    static final int CREATED = 1;
    static final int TERM_SEEN = 2;
    static final int CONFIGURED_WITHOUT_TAIL = 3;
    static final int OFFERED_WITHOUT_TAIL = 4;
    static final int WITHDRAWN = 5;
    static final int BOUND_WITHOUT_TAIL = 6;
    static final int RELEASED = 7;
    static final int RESTED = 8;
    static final int CONFIGURED = 9;
    static final int OFFERED = 10;
    static final int BOUND = 11;

    static final int PRIMARY = 0;
    static final int SECONDARY = 1;
    static final int TRUNK = 2;
    static final int MEMBER = 3;

    private final DataOutputStream out;

    private EntryWriter(DataOutputStream out) {
        this.out = out;
    }

    /** One field after another into a fresh array. */
    private interface Fields {
        void write(EntryWriter writer) throws IOException;
    }

    static byte[] write(LedgerEntry entry) {
        return bytes(w -> w.entry(entry));
    }

    static byte[] writeAll(long sequence, List<LedgerEntry> entries) {
        return bytes(w -> {
            w.out.writeLong(sequence);
            w.list(entries, w::entry);
        });
    }

    private static byte[] bytes(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try {
            fields.write(new EntryWriter(new DataOutputStream(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array takes everything
        }
        return bytes.toByteArray();
    }

    /** Writes one element. */
    private interface Element<T> {
        void write(T value) throws IOException;
    }

    private <T> void list(List<T> values, Element<T> element) throws IOException {
        out.writeInt(values.size());
        for (T value : values) {
            element.write(value);
        }
    }

    private void entry(LedgerEntry entry) throws IOException {
        switch (entry) {
            case LedgerEntry.Created e -> {
                out.writeByte(CREATED);
                out.writeUTF(e.ledgerId());
            }
            case LedgerEntry.TermSeen e -> {
                out.writeByte(TERM_SEEN);
                out.writeLong(e.term());
            }
            case LedgerEntry.Configured e -> {
                out.writeByte(CONFIGURED);
                config(e.config());
            }
            case LedgerEntry.Offered e -> {
                out.writeByte(OFFERED);
                list(e.enis(), this::eni);
                list(e.addresses(), this::offered);
            }
            case LedgerEntry.Withdrawn e -> {
                out.writeByte(WITHDRAWN);
                list(e.addresses(), this::withdrawn);
                list(e.enis(), id -> out.writeUTF(id.value()));
            }
            case LedgerEntry.Bound e -> {
                out.writeByte(BOUND);
                binding(e.binding());
            }
            case LedgerEntry.Released e -> {
                out.writeByte(RELEASED);
                key(e.key());
                time(e.at());
                out.writeBoolean(e.plumbed());
            }
            case LedgerEntry.Rested e -> {
                out.writeByte(RESTED);
                ip(e.cooling().ip());
                pod(e.cooling().lastHolder());
                out.writeBoolean(e.cooling().fixed());
                time(e.cooling().at());
            }
        }
    }

    private void config(NodeConfig c) throws IOException {
        out.writeLong(c.revision());
        out.writeUTF(c.mode().toString());
        out.writeUTF(c.virtualType().toString());
        list(c.families(), f -> out.writeUTF(f.name()));
        list(c.serviceCidrs(), this::cidr);
        list(c.hostStackCidrs(), this::cidr);
        out.writeInt(c.mtu());
        out.writeLong(c.coolDown().toMillis());
        out.writeBoolean(c.localAllocation());
        NetworkOptions o = c.options();
        tail(w -> {
            w.out.writeInt(o.capacity());
            w.list(o.podCidrs(), w::cidr);
            w.out.writeUTF(o.vlanStrip().toString());
            w.out.writeBoolean(o.hostPeer());
            w.out.writeBoolean(o.policy());
            w.list(o.extraRoutes(), w::cidr);
            w.list(o.snatCidrs(), w::cidr);
            w.out.writeBoolean(o.symmetricRouting());
            w.out.writeBoolean(o.networkPriority());
            w.out.writeBoolean(o.autoMtu());
            w.out.writeBoolean(o.acceleration());
            w.out.writeBoolean(o.nativeHostPort());
            w.list(o.jumboCidrs(), w::cidr);
        });
    }

    private void tail(Fields fields) throws IOException {
        byte[] bytes = bytes(fields);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private void eni(OfferedEni e) throws IOException {
        out.writeUTF(e.id().value());
        out.writeLong(e.mac().bits());
        out.writeUTF(e.vSwitch().value());
        list(e.subnets(), this::cidr);
        list(e.own(), this::ip);
        out.writeBoolean(e.primary());
        tail(w -> {
            w.role(e.role());
            w.out.writeByte(e.groups().code());
        });
    }

    private void role(EniRole role) throws IOException {
        switch (role) {
            case EniRole.Primary() -> out.writeByte(PRIMARY);
            case EniRole.Secondary() -> out.writeByte(SECONDARY);
            case EniRole.Trunk() -> out.writeByte(TRUNK);
            case EniRole.Member(var trunk, int vlan) -> {
                out.writeByte(MEMBER);
                out.writeUTF(trunk.value());
                out.writeInt(vlan);
            }
        }
    }

    private void offered(OfferedAddress a) throws IOException {
        ip(a.ip());
        out.writeUTF(a.eni().value());
        cidr(a.block());
        out.writeLong(a.number());
    }

    private void withdrawn(WithdrawnAddress a) throws IOException {
        ip(a.ip());
        out.writeUTF(a.eni().value());
        out.writeLong(a.number());
    }

    private void binding(Binding b) throws IOException {
        key(b.key());
        pod(b.pod());
        out.writeUTF(b.netns().toString());
        list(b.addresses(), a -> {
            ip(a.ip());
            out.writeUTF(a.eni().value());
        });
        out.writeBoolean(b.fixed());
        time(b.at());
        out.writeLong(b.sequence());
        tail(w -> {
            w.out.writeUTF(b.attachment().name());
            w.list(b.hostPorts(), w::hostPort);
        });
    }

    private void hostPort(HostPort port) throws IOException {
        out.writeByte(port.transport().number());
        cidr(port.at());
        out.writeShort(port.port());
        out.writeShort(port.podPort());
    }

    private void key(SandboxKey key) throws IOException {
        out.writeUTF(key.network());
        out.writeUTF(key.containerId());
        out.writeUTF(key.ifName());
    }

    private void pod(PodLife pod) throws IOException {
        out.writeUTF(pod.ref().namespace());
        out.writeUTF(pod.ref().name());
        out.writeUTF(pod.uid());
    }

    private void time(BootTime time) throws IOException {
        out.writeUTF(time.bootId());
        out.writeLong(time.sinceBoot().toNanos());
    }

    private void cidr(Cidr cidr) throws IOException {
        ip(cidr.network());
        out.writeByte(cidr.prefixLength());
    }

    private void ip(Ip ip) throws IOException {
        byte[] bytes = ip.bytes();
        out.writeByte(bytes.length);
        out.write(bytes);
    }
}
