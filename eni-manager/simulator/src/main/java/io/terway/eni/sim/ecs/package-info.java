/** The compute side of the cloud: instances, their network interfaces, and what each instance type allows. */
package io.terway.eni.sim.ecs;
