package io.terway.lab.cluster;

import io.terway.net.Ip;

/** Addresses of the lab's management namespace; outside every VPC block, as the cloud's own service range is. */
public final class Addresses {
    /** The services, the Kubernetes API and the cloud API. */
    public static final Ip SERVICES = Ip.parse("100.100.0.10");

    /** Instance metadata; the address is the cloud's. */
    public static final Ip METADATA = Ip.parse("100.100.100.200");

    public static final int ECS_PORT = 8088;
    public static final int METADATA_PORT = 80;
    public static final int API_PORT = 6443;
    public static final int AGENT_GRPC_PORT = 7604;
    public static final int AGENT_MANAGEMENT_PORT = 9191;

    private Addresses() {}
}
