package io.terway.eni;

import io.terway.net.EniId;
import io.terway.net.InstanceId;

/** Where an ENI is to be plugged in. */
public sealed interface Seat {

    InstanceId instance();

    record OnInstance(InstanceId instance) implements Seat {}

    /** Behind a trunk ENI that is in use on the instance: the ENI becomes its member and gets a VLAN id. */
    record OnTrunk(InstanceId instance, EniId trunk) implements Seat {}
}
