package io.terway.lab.cli;

import io.terway.lab.Refusal;
import io.terway.lab.cluster.Layout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a command of the machine inside a lab, with this program's own input and output. */
final class Entry {

    private Entry() {}

    /**
     * @param netns a network namespace of the lab; empty = the management namespace
     * @return the command's exit code
     */
    static int run(Layout layout, String netns, List<String> command) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command(layout, netns, command)).inheritIO();
            builder.environment().put("KUBECONFIG", layout.kubeconfig().toString());
            return builder.start().waitFor();
        } catch (IOException e) {
            throw new Refusal("cannot run nsenter: " + e.getMessage() + "; see lab deps");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal("interrupted");
        }
    }

    /** The command line for this user and directory. */
    static List<String> command(Layout layout, String netns, List<String> command) {
        boolean rootless = !System.getProperty("user.name").equals("root");
        return command(LabProcess.firstPid(layout), rootless, Path.of("").toAbsolutePath(), netns, command);
    }

    /** The command line: first the lab's mount, network and PID namespaces, then the one network namespace in them. */
    static List<String> command(long first, boolean rootless, Path directory, String netns, List<String> command) {
        List<String> line = new ArrayList<>(List.of("nsenter", "--target", Long.toString(first)));
        if (rootless) {
            line.addAll(List.of("--user", "--preserve-credentials"));
        }
        line.addAll(List.of("--mount", "--net", "--pid", "--wdns=" + directory, "--"));
        if (!netns.isEmpty()) {
            line.addAll(List.of("nsenter", "--net=" + netns, "--"));
        }
        line.addAll(command);
        return List.copyOf(line);
    }
}
