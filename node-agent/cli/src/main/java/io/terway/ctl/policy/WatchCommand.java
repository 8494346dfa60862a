package io.terway.ctl.policy;

import io.terway.ctl.AgentClient;
import io.terway.ctl.AgentFailure;
import io.terway.wire.agent.v1.DenialNews;
import io.terway.wire.agent.v1.WatchDenialsRequest;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code terway-cli policy watch}: connections that are denied on a node, as it happens. */
@Command(
        name = "watch",
        mixinStandardHelpOptions = true,
        description = {
            "Shows connections that policy denies on this node, as it happens; Ctrl-C ends.",
            "",
            "Run it on the node of the pod whose policy denies: that of the destination for ingress, of the source for",
            "egress. It shows a sample, some packets a second; metrics and nftables counters have them all. Who reads slower",
            "than connections are denied loses lines, and is told how many. All nodes at once are in policy-service's audit",
            "channel, with terway.audit-denials."
        })
final class WatchCommand implements Callable<Integer> {

    private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

    /** For the last lines after Ctrl-C. */
    private static final Duration END_WITHIN = Duration.ofSeconds(2);

    @Mixin
    private AgentClient agent;

    @Option(
            names = {"-n", "--namespace"},
            defaultValue = "",
            description = "Only where either end is a pod of this namespace.")
    private String namespace;

    @Option(
            names = "--pod",
            defaultValue = "",
            paramLabel = "[NAMESPACE/]POD",
            description = "Only where either end is this pod.")
    private String pod;

    @Option(names = "--for", paramLabel = "DURATION", description = "End after this time: 30s, 5m, 1h.")
    private String atMost;

    @Option(names = "--count", paramLabel = "N", description = "End after this many lines.")
    private Integer count;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES}, json is one object a line (default: ${DEFAULT-VALUE}).")
    private CheckCommand.Output output;

    @Spec
    private CommandSpec spec;

    private final CompletableFuture<Void> stop = new CompletableFuture<>();
    private int shown;

    WatchCommand() {}

    @Override
    public Integer call() {
        WatchDenialsRequest request = request();
        if (count != null && count < 1) {
            throw new BadInput("--count is " + count + "; it must be at least 1");
        }
        if (atMost != null) {
            stop.completeOnTimeout(null, duration(atMost).toMillis(), TimeUnit.MILLISECONDS);
        }
        PrintWriter out = spec.commandLine().getOut();
        DenialLines lines = switch (output) {
            case text -> new DenialText(ZoneId.systemDefault());
            case json -> new DenialJson();
        };
        CountDownLatch ended = new CountDownLatch(1);
        Thread interrupted = new Thread(() -> endOnInterrupt(ended));
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            watch(request, lines, out);
            print(out, lines.end());
        } finally {
            ended.countDown();
            forget(interrupted);
        }
        return 0;
    }

    private static void forget(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the process ends already, by the very hook
        }
    }

    /** Ends as if the command had: with its last lines, and without complaint. */
    private void endOnInterrupt(CountDownLatch ended) {
        stop.complete(null);
        try {
            if (ended.await(END_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                Runtime.getRuntime().halt(0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Over restarts of the agent, once it has answered. */
    private void watch(WatchDenialsRequest request, DenialLines lines, PrintWriter out) {
        boolean[] answered = {false};
        boolean gone = false;
        while (!stop.isDone()) {
            try {
                agent.watchDenials(request, stop, news -> {
                    answered[0] = true;
                    show(news, lines, out);
                });
            } catch (AgentFailure e) {
                if (!answered[0] || e.exitCode() != AgentFailure.UNREACHABLE) {
                    throw e;
                }
                if (!gone) {
                    PrintWriter err = spec.commandLine().getErr();
                    err.println("terway-cli: the agent went away; watching again as soon as it is back");
                    err.flush();
                }
                gone = true;
                pause();
                continue;
            }
            gone = false;
        }
    }

    private void show(DenialNews news, DenialLines lines, PrintWriter out) {
        print(out, lines.of(news));
        shown += news.getDenialsCount();
        // Whoever reads us may have gone, as "head" does.
        if (count != null && shown >= count || out.checkError()) {
            stop.complete(null);
        }
    }

    private static void print(PrintWriter out, String text) {
        out.print(text);
        out.flush();
    }

    private void pause() {
        try {
            stop.get(TRY_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // now it is time
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop.complete(null);
        }
    }

    private WatchDenialsRequest request() {
        int slash = pod.indexOf('/');
        String of = slash < 0 ? namespace : pod.substring(0, slash);
        String name = pod.substring(slash + 1);
        if (slash >= 0 && (of.isEmpty() || name.isEmpty())) {
            throw new BadInput("--pod is '" + OneLine.of(pod) + "'; it must be NAMESPACE/POD");
        }
        if (slash >= 0 && !namespace.isEmpty() && !namespace.equals(of)) {
            throw new BadInput("--pod is in namespace " + OneLine.of(of) + ", --namespace is " + OneLine.of(namespace));
        }
        if (!name.isEmpty() && of.isEmpty()) {
            throw new BadInput(
                    "--pod is '" + OneLine.of(pod) + "' without a namespace; write NAMESPACE/POD, or add --namespace");
        }
        return WatchDenialsRequest.newBuilder().setNamespace(of).setPod(name).build();
    }

    private static Duration duration(String text) {
        try {
            Duration read = Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
            if (read.isPositive()) {
                return read;
            }
        } catch (DateTimeParseException e) {
            // said below
        }
        throw new BadInput("--for is '" + OneLine.of(text) + "'; it must be a time such as 30s, 5m or 1h");
    }
}
