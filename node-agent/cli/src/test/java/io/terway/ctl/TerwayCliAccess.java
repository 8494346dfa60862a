package io.terway.ctl;

import picocli.CommandLine;

/** The command for tests of other packages. */
public final class TerwayCliAccess {

    private TerwayCliAccess() {}

    public static CommandLine commandLine() {
        return TerwayCli.commandLine();
    }
}
