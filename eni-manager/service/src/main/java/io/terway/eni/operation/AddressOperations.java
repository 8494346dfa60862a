package io.terway.eni.operation;

import io.terway.eni.Added;
import io.terway.eni.AssignCall;
import io.terway.eni.Cloud;
import io.terway.eni.CloudFailure;
import io.terway.eni.CloudResult;
import io.terway.eni.CloudResult.Done;
import io.terway.eni.NetworkInterface;
import io.terway.eni.OperationId;
import io.terway.eni.UnassignCall;
import io.terway.eni.state.Lane;
import io.terway.eni.time.Turns;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.Family;
import io.terway.net.Ip;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Adds addresses to ENIs of ours and takes them off. */
public final class AddressOperations {

    /** How often an unassign whose outcome is unknown is looked at and sent again. */
    private static final int MAX_UNASSIGN_ROUNDS = 3;

    private final Cloud cloud;
    private final Ownership ownership;
    private final Inventory inventory;
    private final VSwitches vSwitches;
    private final Sightings sightings;
    private final Turns<EniId> locks;
    private final AssignLanes lanes;

    AddressOperations(
            Cloud cloud,
            Ownership ownership,
            Inventory inventory,
            VSwitches vSwitches,
            Sightings sightings,
            Turns<EniId> locks,
            AssignLanes lanes) {
        this.cloud = cloud;
        this.ownership = ownership;
        this.inventory = inventory;
        this.vSwitches = vSwitches;
        this.sightings = sightings;
        this.locks = locks;
        this.lanes = lanes;
    }

    /** How many of each kind to add. */
    public record Counts(int ipv4, int ipv6, int ipv4Prefixes, int ipv6Prefixes) {}

    /** What to add. */
    public record Assign(OperationId operation, EniId eni, Counts counts, List<Ip> named) {
        public Assign {
            named = List.copyOf(named);
        }
    }

    /** What to take off. */
    public record Unassign(EniId eni, List<Ip> addresses, List<Cidr> prefixes) {
        public Unassign {
            addresses = List.copyOf(addresses);
            prefixes = List.copyOf(prefixes);
        }
    }

    /** Blocks until the addresses are assigned, or as many as could be. */
    public AddressOutcome assign(Assign request) {
        return switch (ours(request.eni())) {
            case CloudResult.Failed<Optional<NetworkInterface>>(CloudFailure failure) -> AddressOutcome.failed(failure);
            case CloudResult.Ok<Optional<NetworkInterface>>(Optional<NetworkInterface> eni) ->
                eni.isPresent()
                        ? assign(request, eni.get())
                        : AddressOutcome.failed(new CloudFailure.NotFound(
                                "InvalidEniId.NotFound", request.eni() + " does not exist; read the instance again"));
        };
    }

    private AddressOutcome assign(Assign request, NetworkInterface eni) {
        AddressOutcome outcome = AddressOutcome.NOTHING;
        if (!request.named().isEmpty()) {
            outcome = outcome.and(locks.with(eni.id(), () -> named(request)));
        }
        Counts counts = request.counts();
        outcome = outcome.and(counted(request, Family.IPV4, Lane.Kind.ADDRESSES, counts.ipv4()))
                .and(counted(request, Family.IPV6, Lane.Kind.ADDRESSES, counts.ipv6()))
                .and(counted(request, Family.IPV4, Lane.Kind.PREFIXES, counts.ipv4Prefixes()))
                .and(counted(request, Family.IPV6, Lane.Kind.PREFIXES, counts.ipv6Prefixes()));
        vSwitches.used(eni.vSwitch(), taken(outcome.added()));
        if (outcome instanceof AddressOutcome.Partly(Added _, CloudFailure.VSwitchExhausted _)) {
            vSwitches.exhausted(eni.vSwitch());
        }
        Added added = outcome.added();
        inventory.changed(eni.id(), now -> now.with(added));
        return outcome;
    }

    private AddressOutcome counted(Assign request, Family family, Lane.Kind kind, int count) {
        return count == 0
                ? AddressOutcome.NOTHING
                : lanes.assign(request.operation(), new Lane(request.eni(), family, kind), count);
    }

    /** IPv4 addresses of the vSwitch that these are. */
    private static int taken(Added added) {
        long single = added.addresses().stream()
                .filter(ip -> ip.family() == Family.IPV4)
                .count();
        long blocks = added.prefixes().stream()
                .filter(block -> block.family() == Family.IPV4)
                .count();
        return (int) (single + 16 * blocks);
    }

    private AddressOutcome named(Assign request) {
        AddressOutcome outcome = AddressOutcome.NOTHING;
        for (Family family : Family.values()) {
            for (List<Ip> some : parts(request.named(), family, AssignCall.MAX_ADDRESSES)) {
                String token = request.operation().clientToken("assign " + request.eni() + " " + some);
                AssignCall call = new AssignCall(request.eni(), family, new AssignCall.What.Named(some), token);
                Added all = new Added(some, List.of());
                outcome = outcome.and(
                        switch (LeadershipLost.unlessLost(cloud.assign(call))) {
                            case CloudResult.Ok<Added> _ -> new AddressOutcome.Complete(all);
                            case CloudResult.Failed<Added>(CloudFailure failure) ->
                                present(request.eni(), some)
                                        ? new AddressOutcome.Complete(all)
                                        : AddressOutcome.failed(failure);
                        });
            }
        }
        return outcome;
    }

    /** True when a look shows all of these on the ENI, whatever the call said. */
    private boolean present(EniId eni, List<Ip> addresses) {
        return sightings.look(eni, Duration.ZERO) instanceof CloudResult.Ok<Optional<NetworkInterface>>(var seen)
                && seen.isPresent()
                && seen.get().addresses().containsAll(addresses);
    }

    /** Blocks until the ENI no longer has these. An absent address, and an absent ENI, is success. */
    public AddressOutcome unassign(Unassign request) {
        return switch (ours(request.eni())) {
            case CloudResult.Failed<Optional<NetworkInterface>>(CloudFailure failure) -> AddressOutcome.failed(failure);
            case CloudResult.Ok<Optional<NetworkInterface>>(Optional<NetworkInterface> eni) ->
                eni.isEmpty() ? AddressOutcome.NOTHING : locks.with(request.eni(), () -> unassign(request, eni.get()));
        };
    }

    private AddressOutcome unassign(Unassign request, NetworkInterface eni) {
        if (request.addresses().contains(eni.primaryAddress())) {
            return AddressOutcome.failed(new CloudFailure.Invalid(
                    "PrimaryAddress",
                    eni.primaryAddress() + " is the first address of " + eni.id() + "; it goes only with its ENI"));
        }
        AddressOutcome outcome = AddressOutcome.NOTHING;
        for (Family family : Family.values()) {
            for (List<Ip> some : parts(request.addresses(), family, UnassignCall.MAX_ADDRESSES)) {
                outcome = outcome.and(takeOff(new UnassignCall(eni.id(), family, some, List.of()), 1));
            }
            List<Cidr> blocks = request.prefixes().stream()
                    .filter(prefix -> prefix.family() == family)
                    .toList();
            for (int from = 0; from < blocks.size(); from += UnassignCall.MAX_ADDRESSES) {
                List<Cidr> some = blocks.subList(from, Math.min(blocks.size(), from + UnassignCall.MAX_ADDRESSES));
                outcome = outcome.and(takeOff(new UnassignCall(eni.id(), family, List.of(), some), 1));
            }
        }
        if (outcome instanceof AddressOutcome.Complete) {
            Added gone = new Added(request.addresses(), request.prefixes());
            vSwitches.used(eni.vSwitch(), -taken(gone));
            inventory.changed(eni.id(), now -> now.without(gone));
        }
        return outcome;
    }

    private AddressOutcome takeOff(UnassignCall call, int round) {
        return switch (LeadershipLost.unlessLost(cloud.unassign(call))) {
            case CloudResult.Ok<Done> _ -> AddressOutcome.NOTHING;
            case CloudResult.Failed<Done>(CloudFailure.NotFound _) -> AddressOutcome.NOTHING;
            case CloudResult.Failed<Done>(CloudFailure failure) -> afterLook(call, round, failure);
        };
    }

    /** The call takes no token and is all or nothing: only what a look still shows is sent again. */
    private AddressOutcome afterLook(UnassignCall call, int round, CloudFailure failure) {
        return switch (sightings.look(call.eni(), round == 1 ? Duration.ZERO : Duration.ofSeconds(1))) {
            case CloudResult.Failed<Optional<NetworkInterface>> _ -> AddressOutcome.failed(failure);
            case CloudResult.Ok<Optional<NetworkInterface>>(Optional<NetworkInterface> seen) -> {
                List<Ip> addresses = new ArrayList<>(call.addresses());
                List<Cidr> prefixes = new ArrayList<>(call.prefixes());
                addresses.retainAll(seen.map(NetworkInterface::addresses).orElse(List.of()));
                prefixes.retainAll(seen.map(NetworkInterface::prefixes).orElse(List.of()));
                boolean left = !addresses.isEmpty() || !prefixes.isEmpty();
                boolean repeatable =
                        failure instanceof CloudFailure.AlreadyGone || failure instanceof CloudFailure.OutcomeUnknown;
                if (!left) {
                    yield AddressOutcome.NOTHING;
                }
                yield repeatable && round < MAX_UNASSIGN_ROUNDS
                        ? takeOff(new UnassignCall(call.eni(), call.family(), addresses, prefixes), round + 1)
                        : AddressOutcome.failed(failure);
            }
        };
    }

    /** The ENI when it is ours, from the inventory or by a look; empty when the cloud has none of that id. */
    private CloudResult<Optional<NetworkInterface>> ours(EniId id) {
        Optional<NetworkInterface> known = inventory.find(id);
        CloudResult<Optional<NetworkInterface>> found =
                known.isPresent() ? CloudResult.ok(known) : sightings.look(id, Duration.ZERO);
        return found instanceof CloudResult.Ok<Optional<NetworkInterface>>(var eni)
                        && eni.isPresent()
                        && !ownership.ours(eni.get())
                ? CloudResult.failed(EniOperations.notOurs(id, ownership))
                : found;
    }

    private static List<List<Ip>> parts(List<Ip> addresses, Family family, int size) {
        List<Ip> mine = addresses.stream().filter(ip -> ip.family() == family).toList();
        List<List<Ip>> parts = new ArrayList<>();
        for (int from = 0; from < mine.size(); from += size) {
            parts.add(mine.subList(from, Math.min(mine.size(), from + size)));
        }
        return parts;
    }
}
