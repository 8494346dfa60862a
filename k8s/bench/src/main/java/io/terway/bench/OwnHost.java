package io.terway.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A network and mount namespace of a benchmark's own, with an empty /run/netns. Gone with this process. */
public final class OwnHost implements AutoCloseable {

    private static final String BEGIN = """
            set -e
            ip link set lo up
            mount -t tmpfs tmpfs /run
            mkdir /run/netns
            """;

    private static final String END = "\necho ready\nexec cat\n";

    private final Process holder;

    private OwnHost(Process holder) {
        this.holder = holder;
    }

    /**
     * Makes one.
     *
     * @param what it is for, should it fail
     * @param script what it begins with
     */
    public static OwnHost start(String what, String script) {
        try {
            Process holder = new ProcessBuilder(
                            "unshare",
                            "--net",
                            "--mount",
                            "--propagation",
                            "private",
                            "--kill-child",
                            "sh",
                            "-c",
                            BEGIN + script + END)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            if (!"ready".equals(holder.inputReader().readLine())) {
                throw new Unmeasurable("no namespaces for " + what + ": root and iproute2 are needed");
            }
            return new OwnHost(holder);
        } catch (IOException e) {
            throw new Unmeasurable("no namespaces for " + what + ": " + e.getMessage());
        }
    }

    /** Where commands run in it. */
    public Place place() {
        return new Place(List.of("nsenter", "--target", Long.toString(holder.pid()), "--net", "--mount"));
    }

    @Override
    public void close() {
        holder.destroy();
        try {
            if (!holder.waitFor(5, TimeUnit.SECONDS)) {
                holder.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
