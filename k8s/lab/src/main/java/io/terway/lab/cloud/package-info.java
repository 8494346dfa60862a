/** The process `cloud` of a lab: the simulated ECS and VPC, instance metadata, and the packets between ENIs. */
package io.terway.lab.cloud;
