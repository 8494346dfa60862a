/** The edge: one lock around the cloud, one thread that carries its changes out, sockets and files. */
package io.terway.eni.sim.serve;
