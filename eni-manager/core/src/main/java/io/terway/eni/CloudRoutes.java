package io.terway.eni;

import io.terway.eni.CloudResult.Done;
import io.terway.net.Cidr;
import io.terway.net.InstanceId;
import java.util.List;
import java.util.Optional;

/** The part of the cloud that has route entries, as {@link Cloud} is for ENIs. */
public interface CloudRoutes {

    /** The table that every vSwitch of the VPC uses unless it has its own; empty when the VPC is not known. */
    CloudResult<Optional<RouteTableId>> systemTable(VpcId vpc);

    /** All custom entries of a table. */
    CloudResult<List<VpcRoute>> list(RouteTableId table);

    /** The custom entries of a table to exactly this block: none or one. */
    CloudResult<List<VpcRoute>> find(RouteTableId table, Cidr destination);

    /** Asynchronous: accepted, then Pending, then Available. One call at a time for a table. */
    CloudResult<Done> create(
            RouteTableId table, Cidr destination, InstanceId nextHop, String description, String clientToken);

    /** Asynchronous: accepted, then Deleting, then absent. */
    CloudResult<Done> delete(VpcRoute route);
}
