/** The actions of ECS and VPC: each reads its parameters, asks the cloud, and writes the documented fields. Pure. */
package io.terway.eni.sim.action;
