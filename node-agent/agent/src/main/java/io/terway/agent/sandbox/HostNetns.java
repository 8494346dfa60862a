package io.terway.agent.sandbox;

import io.terway.agent.apply.DatapathApplier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The namespace that no sandbox has: what a call says of it would be done to the node. */
final class HostNetns {

    private HostNetns() {}

    /** True when a path, however it is called, leads there. */
    static boolean is(Path netns) {
        try {
            return Files.isSameFile(netns, DatapathApplier.HOST);
        } catch (IOException gone) {
            return false; // nothing is there
        }
    }
}
