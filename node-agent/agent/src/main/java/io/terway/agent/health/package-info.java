/** Health for the kubelet: alive, ready to serve ADDs, started. */
package io.terway.agent.health;
