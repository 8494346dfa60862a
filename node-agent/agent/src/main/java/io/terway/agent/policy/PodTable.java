package io.terway.agent.policy;

import io.terway.node.policy.NodePolicy;
import java.nio.file.Path;

/** What is ours in the namespace of one pod whose link is the VPC's own. One thread. */
record PodTable(Path netns, KeptTable rules, FrameGuard frames) {

    void suspect() {
        rules.suspect();
        frames.suspect();
    }

    void suspect(int generation) {
        rules.suspect(generation);
        frames.suspect(generation);
    }

    /** @throws PolicyFailure when the kernel refuses */
    KeptTable.Step bringInStep(NodePolicy policy) {
        KeptTable.Step step = rules.bringInStep(policy);
        frames.bringInStep(!policy.pods().isEmpty());
        return step;
    }
}
