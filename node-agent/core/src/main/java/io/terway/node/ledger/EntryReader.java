package io.terway.node.ledger;

import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.VSwitchId;
import io.terway.node.hostport.HostPort;
import io.terway.node.policy.Transport;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Bytes to entries, as {@link EntryWriter} wrote them. Anything else is an {@link IllegalArgumentException}: the records
 * check their own values.
 */
final class EntryReader {

    private final DataInputStream in;

    private EntryReader(byte[] bytes) {
        this.in = new DataInputStream(new ByteArrayInputStream(bytes));
    }

    static LedgerEntry read(byte[] bytes) {
        return whole(bytes, EntryReader::entry);
    }

    static LedgerState readSnapshot(byte[] bytes) {
        return whole(bytes, r -> {
            long sequence = r.in.readLong();
            return LedgerState.restore(sequence, r.list(r::entry));
        });
    }

    /** Reads one thing. */
    private interface Part<T> {
        T read(EntryReader reader) throws IOException;
    }

    /** Reads one element. */
    private interface Element<T> {
        T read() throws IOException;
    }

    private static <T> T whole(byte[] bytes, Part<T> part) {
        try {
            EntryReader reader = new EntryReader(bytes);
            T value = part.read(reader);
            if (reader.in.available() > 0) {
                throw new IllegalArgumentException(reader.in.available() + " bytes follow the entry");
            }
            return value;
        } catch (IOException e) {
            throw new IllegalArgumentException("the entry ends early", e);
        }
    }

    private <T> List<T> list(Element<T> element) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > in.available()) {
            throw new IllegalArgumentException("a list of " + size + " elements does not fit the entry");
        }
        List<T> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(element.read());
        }
        return values;
    }

    private LedgerEntry entry() throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case EntryWriter.CREATED -> new LedgerEntry.Created(in.readUTF());
            case EntryWriter.TERM_SEEN -> new LedgerEntry.TermSeen(in.readLong());
            case EntryWriter.CONFIGURED_WITHOUT_TAIL -> new LedgerEntry.Configured(config(NetworkOptions.BEFORE_TAILS));
            case EntryWriter.CONFIGURED -> new LedgerEntry.Configured(config());
            case EntryWriter.OFFERED_WITHOUT_TAIL -> new LedgerEntry.Offered(list(this::plainEni), list(this::offered));
            case EntryWriter.OFFERED -> new LedgerEntry.Offered(list(this::eni), list(this::offered));
            case EntryWriter.WITHDRAWN ->
                new LedgerEntry.Withdrawn(list(this::withdrawn), list(() -> new EniId(in.readUTF())));
            case EntryWriter.BOUND_WITHOUT_TAIL -> new LedgerEntry.Bound(plainBinding());
            case EntryWriter.BOUND -> new LedgerEntry.Bound(binding());
            case EntryWriter.RELEASED -> new LedgerEntry.Released(key(), time(), in.readBoolean());
            case EntryWriter.RESTED -> new LedgerEntry.Rested(new Cooling(ip(), pod(), in.readBoolean(), time()));
            default -> throw new IllegalArgumentException("entry kind " + kind + " is unknown");
        };
    }

    /** Reads a tail; what is missing at its end was unknown to the writer, what follows is unknown to us. */
    private <T> T tail(Part<T> part) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IllegalArgumentException("a tail of " + length + " bytes does not fit the entry");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return part.read(new EntryReader(bytes));
    }

    private NodeConfig config() throws IOException {
        NodeConfig plain = config(NetworkOptions.DEFAULTS);
        return new NodeConfig(
                plain.revision(),
                plain.mode(),
                plain.virtualType(),
                plain.families(),
                plain.serviceCidrs(),
                plain.hostStackCidrs(),
                plain.mtu(),
                plain.coolDown(),
                plain.localAllocation(),
                tail(EntryReader::options));
    }

    private NetworkOptions options() throws IOException {
        NetworkOptions unknown = NetworkOptions.DEFAULTS;
        return new NetworkOptions(
                known(in::readInt, unknown.capacity()),
                known(() -> list(this::cidr), unknown.podCidrs()),
                known(() -> VlanStrip.parse(in.readUTF()), unknown.vlanStrip()),
                known(in::readBoolean, unknown.hostPeer()),
                known(in::readBoolean, unknown.policy()),
                known(() -> list(this::cidr), unknown.extraRoutes()),
                known(() -> list(this::cidr), unknown.snatCidrs()),
                known(in::readBoolean, unknown.symmetricRouting()),
                known(in::readBoolean, unknown.networkPriority()),
                known(in::readBoolean, unknown.autoMtu()),
                known(in::readBoolean, unknown.acceleration()),
                known(in::readBoolean, unknown.nativeHostPort()),
                known(() -> list(this::cidr), unknown.jumboCidrs()));
    }

    /** A field of a tail; an earlier release ended before it. */
    private <T> T known(Element<T> field, T otherwise) throws IOException {
        return in.available() > 0 ? field.read() : otherwise;
    }

    private NodeConfig config(NetworkOptions options) throws IOException {
        return new NodeConfig(
                in.readLong(),
                NetworkMode.parse(in.readUTF()),
                VirtualType.parse(in.readUTF()),
                list(() -> Family.valueOf(in.readUTF())),
                list(this::cidr),
                list(this::cidr),
                in.readInt(),
                Duration.ofMillis(in.readLong()),
                in.readBoolean(),
                options);
    }

    private OfferedEni eni() throws IOException {
        OfferedEni plain = plainEni();
        return tail(r -> new OfferedEni(
                plain.id(),
                plain.mac(),
                plain.vSwitch(),
                plain.subnets(),
                plain.own(),
                r.known(r::role, plain.role()),
                EniGroups.of(r.known(r.in::readUnsignedByte, EniGroups.UNKNOWN.code()))));
    }

    private EniRole role() throws IOException {
        int role = in.readUnsignedByte();
        return switch (role) {
            case EntryWriter.PRIMARY -> new EniRole.Primary();
            case EntryWriter.SECONDARY -> new EniRole.Secondary();
            case EntryWriter.TRUNK -> new EniRole.Trunk();
            case EntryWriter.MEMBER -> new EniRole.Member(new EniId(in.readUTF()), in.readInt());
            default -> throw new IllegalArgumentException("role " + role + " of an ENI is unknown");
        };
    }

    private OfferedEni plainEni() throws IOException {
        return new OfferedEni(
                new EniId(in.readUTF()),
                new Mac(in.readLong()),
                new VSwitchId(in.readUTF()),
                list(this::cidr),
                list(this::ip),
                in.readBoolean());
    }

    private OfferedAddress offered() throws IOException {
        return new OfferedAddress(ip(), new EniId(in.readUTF()), cidr(), in.readLong());
    }

    private WithdrawnAddress withdrawn() throws IOException {
        return new WithdrawnAddress(ip(), new EniId(in.readUTF()), in.readLong());
    }

    private Binding binding() throws IOException {
        Binding plain = plainBinding();
        BindingTail tail = tail(r -> new BindingTail(
                Attachment.valueOf(r.known(r.in::readUTF, Attachment.SHARED.name())),
                r.known(() -> r.list(r::hostPort), List.of())));
        return new Binding(
                plain.key(),
                plain.pod(),
                plain.netns(),
                plain.addresses(),
                plain.fixed(),
                plain.at(),
                plain.sequence(),
                tail.attachment(),
                tail.hostPorts());
    }

    private record BindingTail(Attachment attachment, List<HostPort> hostPorts) {}

    private HostPort hostPort() throws IOException {
        int protocol = in.readUnsignedByte();
        Transport transport = Transport.of(protocol)
                .orElseThrow(() -> new IllegalArgumentException("protocol " + protocol + " of a host port is unknown"));
        return new HostPort(transport, cidr(), in.readUnsignedShort(), in.readUnsignedShort());
    }

    private Binding plainBinding() throws IOException {
        return new Binding(
                key(),
                pod(),
                Path.of(in.readUTF()),
                list(() -> new HeldAddress(ip(), new EniId(in.readUTF()))),
                in.readBoolean(),
                time(),
                in.readLong());
    }

    private SandboxKey key() throws IOException {
        return new SandboxKey(in.readUTF(), in.readUTF(), in.readUTF());
    }

    private PodLife pod() throws IOException {
        return new PodLife(new PodRef(in.readUTF(), in.readUTF()), in.readUTF());
    }

    private BootTime time() throws IOException {
        return new BootTime(in.readUTF(), Duration.ofNanos(in.readLong()));
    }

    private Cidr cidr() throws IOException {
        return new Cidr(ip(), in.readUnsignedByte());
    }

    private Ip ip() throws IOException {
        int length = in.readUnsignedByte();
        byte[] bytes = new byte[length == 16 ? 16 : 4];
        in.readFully(bytes);
        return Ip.of(bytes);
    }
}
