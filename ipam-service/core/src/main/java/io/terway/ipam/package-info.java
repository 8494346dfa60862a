/**
 * Which addresses each node is offered and which one a pod gets. Pure: one {@link io.terway.ipam.IpamLoop} is stepped by one
 * owner, takes time and ids as arguments and answers with commands; it does no I/O.
 */
package io.terway.ipam;
