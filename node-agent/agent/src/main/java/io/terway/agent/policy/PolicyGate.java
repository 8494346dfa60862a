package io.terway.agent.policy;

import io.terway.net.SandboxKey;
import io.terway.node.ledger.Binding;

/** Port: what the CNI verbs ask of policy. The enforcement in production, models of it in tests. Any thread. */
public interface PolicyGate {

    /**
     * Puts in force what binds the pod; returns when the kernel has it.
     *
     * @param inside true: the pod's link is the VPC's own, so the host sees only a part of its packets
     * @throws RuntimeException when the pod must not be connected, saying why
     */
    void admit(Binding pod, boolean inside);

    /**
     * The sandbox, admitted as judged inside, has its link: what has to be at the link itself follows.
     *
     * @throws RuntimeException when the pod must not stay connected, saying why
     */
    void connected(Binding pod);

    /** The sandbox is gone. */
    void leave(SandboxKey key);
}
