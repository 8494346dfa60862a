package io.terway.ipam.grpc;

import io.terway.ipam.Attachment;
import io.terway.ipam.Binding;
import io.terway.ipam.EniIp;
import io.terway.ipam.Hello;
import io.terway.ipam.Holder;
import io.terway.ipam.IpamEvent;
import io.terway.ipam.Ledger;
import io.terway.ipam.LedgerEvent;
import io.terway.ipam.NodeIdentity;
import io.terway.ipam.RequestId;
import io.terway.ipam.SessionId;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.InstanceId;
import io.terway.net.InstanceType;
import io.terway.net.Ip;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SandboxKey;
import io.terway.net.ZoneId;
import io.terway.wire.ipam.v1.AllocateRequest;
import io.terway.wire.ipam.v1.LedgerPart;
import io.terway.wire.net.v1.EniAddress;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.net.v1.Sandbox;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** What agents send, read into the core's words. An unreadable value is an IllegalArgumentException naming field and value. */
final class IpamWire {

    /** No ADD waits longer than a kubelet's patience. */
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    /** Annotations of ours on one pod; the guide has eight. */
    private static final int MOST_ANNOTATIONS = 64;

    private static final int LONGEST_ANNOTATION = 4_096;
    /** Of ids that are not checked otherwise. */
    private static final int LONGEST_TEXT = 128;
    /** Addresses one request may refuse: more than an instance holds. */
    private static final int MOST_REFUSED = 1_000;

    private static final int MOST_FAMILIES = 2;
    private static final long A_DAY = Duration.ofDays(1).toMillis();
    /** Of terms, sequences and numbers. */
    static final long MOST = 1L << 53;

    private IpamWire() {}

    static Hello hello(io.terway.wire.ipam.v1.Hello hello) {
        NodeIdentity identity = new NodeIdentity(
                field("hello.node_name", hello.getNodeName(), NodeName::new),
                text("hello.node_uid", hello.getNodeUid()),
                field("hello.instance_id", hello.getInstanceId(), InstanceId::new),
                text("hello.ledger_id", hello.getLedgerId()));
        return new Hello(
                identity,
                text("hello.boot_id", hello.getBootId()),
                number("hello.highest_term", hello.getHighestTerm(), MOST),
                number("hello.ledger_sequence", hello.getLedgerSequence(), MOST),
                field("hello.zone", hello.getZone(), ZoneId::new),
                field("hello.instance_type", hello.getInstanceType(), InstanceType::new),
                hello.getSinceBootMs() == 0
                        ? Hello.LONG_AGO
                        : Duration.ofMillis(number("hello.since_boot_ms", hello.getSinceBootMs(), MOST)),
                hello.getRebuilding());
    }

    /** The parts of one ledger, joined. */
    static Ledger ledger(List<LedgerPart> parts) {
        List<Binding> bindings = new ArrayList<>();
        List<Ledger.Numbered> offered = new ArrayList<>();
        List<Ledger.Numbered> withdrawn = new ArrayList<>();
        List<Ledger.Cooling> cooling = new ArrayList<>();
        for (LedgerPart part : parts) {
            part.getBindingsList().forEach(binding -> bindings.add(binding(binding)));
            part.getOfferedList().forEach(entry -> offered.add(numbered(entry)));
            part.getWithdrawnList().forEach(entry -> withdrawn.add(numbered(entry)));
            part.getCoolingList()
                    .forEach(entry -> cooling.add(new Ledger.Cooling(
                            ip("ledger.cooling.address", entry.getAddress()),
                            holder(entry.getLastHolder()),
                            Duration.ofMillis(number("ledger.cooling.left_ms", entry.getLeftMs(), A_DAY)))));
        }
        return new Ledger(bindings, offered, withdrawn, cooling);
    }

    static int entries(LedgerPart part) {
        return part.getBindingsCount() + part.getOfferedCount() + part.getWithdrawnCount() + part.getCoolingCount();
    }

    /**
     * What an agent asks for.
     *
     * @param annotations of the pod as we see it; empty: those of the request count
     * @param known gives the object that names a session in the loop
     */
    static IpamEvent.Allocate allocate(
            AllocateRequest request,
            long ticket,
            Instant now,
            Optional<Map<String, String>> annotations,
            UnaryOperator<SessionId> known) {
        Set<Family> families = EnumSet.noneOf(Family.class);
        for (String family : few("families", request.getFamiliesList(), MOST_FAMILIES)) {
            families.add(field("families", family, Family::valueOf));
        }
        Duration wait = Duration.ofMillis(Math.clamp(request.getDeadlineMs(), 0, LONGEST_WAIT.toMillis()));
        return new IpamEvent.Allocate(
                ticket,
                new RequestId(request.getRequestId()),
                known.apply(field("session_id", request.getSessionId(), SessionId::new)),
                field("node_name", request.getNodeName(), NodeName::new),
                sandbox(request.getSandbox()),
                holder(request.getPod()),
                families,
                now.plus(wait),
                new HashSet<>(ips("refused", few("refused", request.getRefusedList(), MOST_REFUSED))),
                annotations.orElse(bounded(request.getAnnotationsMap())));
    }

    private static Map<String, String> bounded(Map<String, String> annotations) {
        if (annotations.size() > MOST_ANNOTATIONS) {
            throw new IllegalArgumentException(
                    "annotations: " + annotations.size() + " entries; at most " + MOST_ANNOTATIONS);
        }
        annotations.forEach((key, value) -> {
            if (key.length() + value.length() > LONGEST_ANNOTATION) {
                throw new IllegalArgumentException("annotations: one has " + (key.length() + value.length())
                        + " characters; at most " + LONGEST_ANNOTATION);
            }
        });
        return annotations;
    }

    static LedgerEvent event(io.terway.wire.ipam.v1.LedgerEvent event) {
        return switch (event.getEventCase()) {
            case BOUND ->
                new LedgerEvent.Bound(binding(event.getBound().toBuilder()
                        .setSequence(event.getSequence())
                        .build()));
            case RELEASED -> {
                var released = event.getReleased();
                yield new LedgerEvent.Released(
                        number("events.sequence", event.getSequence(), MOST),
                        sandbox(released.getSandbox()),
                        holder(released.getPod()),
                        ips(
                                "released.addresses",
                                few("released.addresses", released.getAddressesList(), MOST_FAMILIES)),
                        Duration.ofMillis(number("released.cool_down_ms", released.getCoolDownMs(), A_DAY)));
            }
            case EVENT_NOT_SET ->
                throw new IllegalArgumentException(
                        "events: entry " + event.getSequence() + " is neither bound nor released");
        };
    }

    /** A number that leaves room to count on from it. */
    static long number(String name, long value, long most) {
        if (value < 0 || value > most) {
            throw new IllegalArgumentException(
                    name + " is " + Long.toUnsignedString(value) + "; it must be from 0 to " + most);
        }
        return value;
    }

    private static String text(String name, String value) {
        if (value.length() > LONGEST_TEXT) {
            throw new IllegalArgumentException(
                    name + " has " + value.length() + " characters; at most " + LONGEST_TEXT);
        }
        return value;
    }

    static <T> List<T> few(String name, List<T> values, int most) {
        if (values.size() > most) {
            throw new IllegalArgumentException(name + ": " + values.size() + " entries; at most " + most);
        }
        return values;
    }

    static List<Ip> ips(String field, List<String> texts) {
        return texts.stream().map(text -> ip(field, text)).toList();
    }

    static <T> T field(String name, String value, Function<String, T> parse) {
        try {
            return parse.apply(value);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(name + " is '" + value + "': " + e.getMessage(), e);
        }
    }

    private static Binding binding(io.terway.wire.ipam.v1.Binding binding) {
        return new Binding(
                sandbox(binding.getSandbox()),
                holder(binding.getPod()),
                binding.getAddressesList().stream().map(IpamWire::address).toList(),
                binding.getFixed(),
                number("binding.sequence", binding.getSequence(), MOST),
                attachment(binding));
    }

    private static Attachment attachment(io.terway.wire.ipam.v1.Binding binding) {
        return switch (binding.getAttachment()) {
            case ATTACHMENT_UNSPECIFIED, SHARED -> Attachment.SHARED;
            case EXCLUSIVE -> Attachment.EXCLUSIVE;
            case TRUNK_MEMBER -> Attachment.TRUNK_MEMBER;
            case ROUTED -> Attachment.ROUTED;
            case UNRECOGNIZED ->
                throw new IllegalArgumentException(
                        "binding.attachment is " + binding.getAttachmentValue() + ", which this version does not know");
        };
    }

    private static Ledger.Numbered numbered(io.terway.wire.ipam.v1.OfferedAddress entry) {
        return new Ledger.Numbered(address(entry.getAddress()), number("ledger.number", entry.getNumber(), MOST));
    }

    private static EniIp address(EniAddress address) {
        return new EniIp(
                ip("address", address.getAddress()),
                field("eni_id", address.getEniId(), EniId::new),
                Optional.of(address.getPrefix())
                        .filter(text -> !text.isEmpty())
                        .map(text -> field("prefix", text, Cidr::parse)));
    }

    private static Ip ip(String field, String text) {
        return field(field, text, Ip::parse);
    }

    private static Holder holder(Pod pod) {
        return new Holder(new PodRef(pod.getNamespace(), pod.getName()), text("pod.uid", pod.getUid()));
    }

    private static SandboxKey sandbox(Sandbox sandbox) {
        return new SandboxKey(sandbox.getNetwork(), sandbox.getContainerId(), sandbox.getIfName());
    }
}
