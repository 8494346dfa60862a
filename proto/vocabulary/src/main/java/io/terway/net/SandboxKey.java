package io.terway.net;

/**
 * The key under which ADD, CHECK and DEL are idempotent: one attachment of one container to one network.
 *
 * @param network the name of the CNI network configuration
 * @param containerId the runtime's sandbox id; a restarted sandbox has a new one
 * @param ifName the interface inside the sandbox, at most 15 characters (IFNAMSIZ - 1)
 */
public record SandboxKey(String network, String containerId, String ifName) {

    public SandboxKey {
        Texts.requireId("network name", network, 253);
        Texts.requireId("container id", containerId, 128);
        Texts.requireId("interface name", ifName, 15);
    }

    @Override
    public String toString() {
        return network + "/" + containerId + "/" + ifName;
    }
}
