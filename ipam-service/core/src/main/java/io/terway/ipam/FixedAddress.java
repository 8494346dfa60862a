package io.terway.ipam;

import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.Ip;
import io.terway.net.Mac;
import io.terway.net.NodeName;
import io.terway.net.PodRef;
import io.terway.net.SecurityGroupId;
import io.terway.net.VSwitchId;
import io.terway.net.ZoneId;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The address that a pod keeps under its name, as its PodNetInfo has it.
 *
 * @param object uid of the PodNetInfo; empty until it is written
 * @param addresses one per family
 * @param vSwitch where the addresses are from
 * @param zone of that vSwitch: the pod can run nowhere else
 * @param place where the addresses were last seen; empty when the PodNetInfo does not say
 * @param attachment a whole ENI is kept, or one address of a shared one
 * @param unwanted for how long nobody has wanted the pod, as counted by leaders so far
 */
public record FixedAddress(
        PodRef pod,
        String object,
        List<Ip> addresses,
        VSwitchId vSwitch,
        ZoneId zone,
        Optional<Place> place,
        Attachment attachment,
        Retention retention,
        Duration unwanted) {

    public FixedAddress {
        Objects.requireNonNull(pod, "pod");
        Objects.requireNonNull(object, "object");
        Objects.requireNonNull(vSwitch, "vSwitch");
        Objects.requireNonNull(zone, "zone");
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(retention, "retention");
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty() || addresses.size() > 2) {
            throw new IllegalArgumentException(
                    "the fixed addresses of pod " + pod + " are " + addresses + "; 1 or 2 are possible");
        }
        if (unwanted.isNegative()) {
            throw new IllegalArgumentException(
                    "pod " + pod + " is unwanted for " + unwanted + "; it must be 0 or more");
        }
    }

    /** An address of a shared ENI that is kept until somebody frees it. */
    public FixedAddress(
            PodRef pod, String object, List<Ip> addresses, VSwitchId vSwitch, ZoneId zone, Optional<Place> place) {
        this(pod, object, addresses, vSwitch, zone, place, Attachment.SHARED, Retention.NEVER, Duration.ZERO);
    }

    /** An ENI on a node. */
    public record Place(NodeName node, InstanceId instance, EniId eni, Mac mac, List<SecurityGroupId> groups) {

        public Place {
            groups = List.copyOf(groups);
        }

        static Place of(NodeState node, CloudEni eni) {
            return new Place(node.name, node.identity.instance(), eni.id(), eni.mac(), eni.groups());
        }
    }

    /** A node of another shard than the one that looks after the address. */
    public record Target(NodeName node, InstanceId instance) {}

    FixedAddress at(Place now) {
        return new FixedAddress(
                pod, object, addresses, vSwitch, zone, Optional.of(now), attachment, retention, unwanted);
    }

    FixedAddress unwantedFor(Duration time) {
        return new FixedAddress(pod, object, addresses, vSwitch, zone, place, attachment, retention, time);
    }

    /** As another PodNetInfo's object has it; for whoever stores it. */
    public FixedAddress as(String uid) {
        return new FixedAddress(pod, uid, addresses, vSwitch, zone, place, attachment, retention, unwanted);
    }
}
