/**
 * rtnetlink: a pure codec between bytes and records, and the socket that carries it. Records such as
 * {@link io.terway.linux.netlink.Route} say what the kernel holds and make the {@link io.terway.linux.netlink.Request}s
 * that add, replace or delete it; {@link io.terway.linux.netlink.RouteSocket} sends many in one system call.
 */
package io.terway.linux.netlink;
