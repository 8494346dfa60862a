/**
 * The lab: the whole system with real packets on one machine. {@code cli} talks to people, {@code cluster} keeps the
 * processes of one lab, {@code cloud} and {@code fabric} are the simulated VPC, {@code pod} plays kubelet and container
 * runtime, {@code api} is the embedded Kubernetes API.
 */
package io.terway.lab;
