package io.terway.agent.repair;

import io.terway.net.SandboxKey;

/** What may be damaged. */
sealed interface Target {

    /** What holds for the node as a whole. */
    record Node() implements Target {}

    /** The links and tables of ENIs. */
    record Enis() implements Target {}

    record Pod(SandboxKey key) implements Target {}

    /** Nobody knows: look at all of it. */
    record Everything() implements Target {}
}
