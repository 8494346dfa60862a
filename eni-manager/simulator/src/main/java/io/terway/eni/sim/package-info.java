/**
 * A behavioural twin of the ECS and VPC APIs and of instance metadata: {@link io.terway.eni.sim.EcsSimulator} embeds it,
 * {@link io.terway.eni.sim.SimulatorMain} runs it alone. Packages: {@code vpc}, {@code ecs} and {@code cloud} hold the
 * model, {@code action} and {@code rpc} the protocol, {@code imds} the metadata, {@code fault} what goes wrong, {@code
 * serve} the sockets, the thread and the files.
 */
package io.terway.eni.sim;
