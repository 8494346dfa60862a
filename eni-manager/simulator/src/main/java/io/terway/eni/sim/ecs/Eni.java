package io.terway.eni.sim.ecs;

import io.terway.eni.sim.vpc.VpcId;
import io.terway.net.Cidr;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An elastic network interface at one moment. Immutable: the cloud replaces it at each change.
 *
 * @param primary its first IPv4 address, which never changes
 * @param secondaries its other IPv4 addresses, in order of assignment
 * @param ipv6 its IPv6 addresses, in order of assignment
 * @param prefixes delegated /28 and /80 blocks
 */
public record Eni(
        EniId id,
        EniKind kind,
        Mac mac,
        VpcId vpc,
        VSwitchId vSwitch,
        ZoneId zone,
        Ip primary,
        List<Ip> secondaries,
        List<Ip> ipv6,
        List<Cidr> prefixes,
        List<SecurityGroupId> groups,
        EniState state,
        EniLabels labels,
        Instant created) {

    public Eni {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(mac, "mac");
        Objects.requireNonNull(primary, "primary");
        secondaries = List.copyOf(secondaries);
        ipv6 = List.copyOf(ipv6);
        prefixes = List.copyOf(prefixes);
        groups = List.copyOf(groups);
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(labels, "labels");
        Objects.requireNonNull(created, "created");
    }

    public Eni withState(EniState newState) {
        return new Eni(
                id,
                kind,
                mac,
                vpc,
                vSwitch,
                zone,
                primary,
                secondaries,
                ipv6,
                prefixes,
                groups,
                newState,
                labels,
                created);
    }

    public Eni withLabels(EniLabels newLabels) {
        return new Eni(
                id,
                kind,
                mac,
                vpc,
                vSwitch,
                zone,
                primary,
                secondaries,
                ipv6,
                prefixes,
                groups,
                state,
                newLabels,
                created);
    }

    public Eni withGroups(List<SecurityGroupId> newGroups) {
        return new Eni(
                id,
                kind,
                mac,
                vpc,
                vSwitch,
                zone,
                primary,
                secondaries,
                ipv6,
                prefixes,
                newGroups,
                state,
                labels,
                created);
    }

    public Eni withAddresses(List<Ip> newSecondaries, List<Ip> newIpv6, List<Cidr> newPrefixes) {
        return new Eni(
                id,
                kind,
                mac,
                vpc,
                vSwitch,
                zone,
                primary,
                newSecondaries,
                newIpv6,
                newPrefixes,
                groups,
                state,
                labels,
                created);
    }

    /** Primary first, then secondaries, then IPv6. */
    public List<Ip> addresses() {
        List<Ip> all = new ArrayList<>(1 + secondaries.size() + ipv6.size());
        all.add(primary);
        all.addAll(secondaries);
        all.addAll(ipv6);
        return all;
    }

    public List<Ip> ipv4() {
        return Stream.concat(Stream.of(primary), secondaries.stream()).toList();
    }

    public List<Cidr> prefixes(boolean v6) {
        return prefixes.stream().filter(p -> (p.prefixLength() > 32) == v6).toList();
    }

    /** What the instance's quota per ENI counts: each address and each prefix is one. */
    public int used(boolean v6) {
        return (v6 ? ipv6.size() : 1 + secondaries.size()) + prefixes(v6).size();
    }

    /** What a basic security group's capacity counts. */
    public int groupWeight() {
        return 1 + secondaries.size() + ipv6.size() + prefixes.size();
    }

    /** Where it is plugged in or on its way to or from. */
    public Optional<Attachment> attachment() {
        return switch (state) {
            case EniState.Available a -> Optional.empty();
            case EniState.Attaching a -> Optional.of(a.to());
            case EniState.Plugging p -> Optional.of(p.to());
            case EniState.InUse u -> Optional.of(u.at());
            case EniState.Detaching d -> Optional.of(d.from());
            case EniState.Unplugging u -> Optional.of(u.from());
            case EniState.Deleting d -> Optional.empty();
        };
    }

    /** Where the data plane must have it plugged in now: from plugging until the detach is through. */
    public Optional<Attachment> plugged() {
        return switch (state) {
            case EniState.Available a -> Optional.empty();
            case EniState.Attaching a -> Optional.empty();
            case EniState.Plugging p -> Optional.of(p.to());
            case EniState.InUse u -> Optional.of(u.at());
            case EniState.Detaching d -> Optional.of(d.from());
            case EniState.Unplugging u -> Optional.empty();
            case EniState.Deleting d -> Optional.empty();
        };
    }

    public Optional<InstanceId> instance() {
        return attachment().map(Attachment::instance);
    }

    /** The type that the API shows. */
    public String wireType() {
        return attachment().filter(Attachment.Member.class::isInstance).isPresent() ? "Member" : kind.wireName();
    }
}
