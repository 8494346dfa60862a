package io.terway.policy.grpc;

import io.terway.policy.compile.AddressSet;
import io.terway.policy.compile.Element;
import io.terway.policy.compile.NodeDelta;
import io.terway.policy.compile.SetKey;
import io.terway.policy.compile.SharedProgram;
import io.terway.wire.net.v1.Pod;
import io.terway.wire.policy.v1.Elements;
import io.terway.wire.policy.v1.IsolationIndex;
import io.terway.wire.policy.v1.PodPrograms;
import io.terway.wire.policy.v1.PolicyUpdate;
import io.terway.wire.policy.v1.Program;
import io.terway.wire.policy.v1.SetKind;
import io.terway.wire.policy.v1.SetUpdate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Differences as messages, cut so that none is large. One of these serves one round of sending: programs that several
 * nodes need are made into messages once.
 */
final class DeltaWire {

    /** Bytes after which a message is closed; gRPC takes 4 MiB. */
    private static final int MESSAGE_BYTES = 1 << 20;

    /** Elements in one part of a set: at most about a quarter of a message. */
    private static final int PART = 10_000;

    private static final int MEANING_LIMIT = 200;

    private final Map<String, Program> programs = new HashMap<>();

    /** The messages of one revision, in order; at least one. */
    List<PolicyUpdate> messages(long revision, NodeDelta delta) {
        var cut = new Cut(revision, delta.full());
        for (NodeDelta.SetDelta set : delta.sets()) {
            for (SetUpdate part : parts(set)) {
                cut.next(part.getSerializedSize()).addSets(part);
            }
        }
        for (SharedProgram program : delta.programs()) {
            Program message = programs.computeIfAbsent(program.id(), _ -> ProgramWire.of(program));
            cut.next(message.getSerializedSize()).addPrograms(message);
        }
        for (NodeDelta.Binding binding : delta.pods()) {
            PodPrograms message = pod(binding);
            cut.next(message.getSerializedSize()).addPods(message);
        }
        delta.removedPods().forEach(uid -> cut.next(uid.length()).addRemovedPods(uid));
        delta.removedPrograms().forEach(id -> cut.next(id.length()).addRemovedPrograms(id));
        delta.removedSets().forEach(id -> cut.next(id.length()).addRemovedSets(id));
        delta.index().ifPresent(index -> {
            var message = IsolationIndex.newBuilder()
                    .addAllNamespaces(index.namespaces())
                    .setClusterTier(index.clusterTier())
                    .build();
            cut.next(message.getSerializedSize()).setIndex(message);
        });
        return cut.done();
    }

    /** Begins a new message when the present one would grow too large. */
    private static final class Cut {
        private final List<PolicyUpdate> closed = new ArrayList<>();
        private final long revision;
        private final boolean full;
        private PolicyUpdate.Builder open;
        private int bytes;

        Cut(long revision, boolean full) {
            this.revision = revision;
            this.full = full;
            open = begin();
        }

        private PolicyUpdate.Builder begin() {
            return PolicyUpdate.newBuilder().setRevision(revision).setFull(full);
        }

        PolicyUpdate.Builder next(int more) {
            if (bytes > 0 && bytes + more > MESSAGE_BYTES) {
                closed.add(open.setMore(true).build());
                open = begin();
                bytes = 0;
            }
            bytes += more + 8;
            return open;
        }

        List<PolicyUpdate> done() {
            closed.add(open.build());
            return closed;
        }
    }

    private static PodPrograms pod(NodeDelta.Binding binding) {
        return PodPrograms.newBuilder()
                .setPod(Pod.newBuilder()
                        .setNamespace(binding.pod().ref().namespace())
                        .setName(binding.pod().ref().name())
                        .setUid(binding.pod().uid()))
                .setIngressProgram(binding.ingress().map(SharedProgram::id).orElse(""))
                .setEgressProgram(binding.egress().map(SharedProgram::id).orElse(""))
                .build();
    }

    private static List<SetUpdate> parts(NodeDelta.SetDelta delta) {
        List<SetUpdate> out = new ArrayList<>();
        int parts = 1 + Math.max(0, Math.max(delta.add().size(), delta.remove().size()) - 1) / PART;
        for (int i = 0; i < parts; i++) {
            var part = SetUpdate.newBuilder()
                    .setId(delta.set().id())
                    .setKind(kind(delta.set()))
                    .setFull(delta.full() && i == 0)
                    .setAdd(elements(slice(delta.add(), i)))
                    .setRemove(elements(slice(delta.remove(), i)));
            if (part.getFull()) {
                String meaning = delta.set().key().meaning();
                part.setMeaning(meaning.length() <= MEANING_LIMIT ? meaning : meaning.substring(0, MEANING_LIMIT));
            }
            out.add(part.build());
        }
        return out;
    }

    private static List<Element> slice(List<Element> all, int part) {
        return all.subList(Math.min(all.size(), part * PART), Math.min(all.size(), (part + 1) * PART));
    }

    private static SetKind kind(AddressSet set) {
        return switch (set.key()) {
            case SetKey.Pods _, SetKey.Nodes _, SetKey.Cluster _ -> SetKind.ADDRESSES;
            case SetKey.Blocks _ -> SetKind.BLOCKS;
            case SetKey.Endpoints _ -> SetKind.ENDPOINTS;
        };
    }

    private static Elements elements(List<Element> elements) {
        var out = Elements.newBuilder();
        for (Element element : elements) {
            switch (element) {
                case Element.Address address -> {
                    switch (address.ip().family()) {
                        case IPV4 -> out.addIpv4((int) address.ip().low());
                        case IPV6 -> out.addIpv6(ProgramWire.bytes(address.ip()));
                    }
                }
                case Element.Endpoint endpoint ->
                    out.addEndpoints(io.terway.wire.policy.v1.Endpoint.newBuilder()
                            .setAddress(ProgramWire.bytes(endpoint.ip()))
                            .setProtocol(endpoint.protocol().name())
                            .setPort(endpoint.port()));
                case Element.Block block -> out.addBlocks(block.cidr().toString());
            }
        }
        return out.build();
    }
}
