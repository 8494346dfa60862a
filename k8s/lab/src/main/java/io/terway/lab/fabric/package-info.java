/**
 * The packets of the simulated VPC: a router namespace with one veth pair per plugged ENI. It forwards to assigned
 * addresses only, answers ARP from the ENI table, and drops IP packets whose source the ENI does not own.
 * {@link io.terway.lab.fabric.FabricPlanner} is pure; {@link io.terway.lab.fabric.Fabric} runs ip and nft.
 */
package io.terway.lab.fabric;
