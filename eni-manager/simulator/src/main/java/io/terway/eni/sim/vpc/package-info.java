/** The network side of the cloud: VPC, vSwitches with their address pools, routes and security groups. */
package io.terway.eni.sim.vpc;
