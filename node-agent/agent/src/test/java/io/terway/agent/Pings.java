package io.terway.agent;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Packets between pairs, 200 a second each but for the starts of ping, which counts every one, until told to stop. */
final class Pings implements AutoCloseable {

    private static final Pattern COUNTS = Pattern.compile("(\\d+) packets transmitted, (\\d+) received");

    /** Each run of ping waits for its last answer, so that a count is whole. */
    private static final String PING = "ping -q -n -i 0.005 -c 400 -W 10 ";

    private final NodeLab lab;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<Count>> pairs = new ArrayList<>();
    private volatile boolean stopped;

    /** What was sent, and how much of it was answered. */
    record Count(long sent, long answered) {

        static final Count NONE = new Count(0, 0);

        Count plus(Count more) {
            return new Count(sent + more.sent, answered + more.answered);
        }
    }

    Pings(NodeLab lab) {
        this.lab = lab;
    }

    void between(String pod, String address) {
        pairs.add(threads.submit(() -> {
            Count all = Count.NONE;
            while (!stopped) {
                all = all.plus(run(pod, address));
            }
            return all;
        }));
    }

    private Count run(String pod, String address) {
        String output = lab.in(pod, PING + address).output();
        Matcher counts = COUNTS.matcher(output);
        assertTrue(counts.find(), output);
        return new Count(Long.parseLong(counts.group(1)), Long.parseLong(counts.group(2)));
    }

    /** Stops them all. */
    Count count() throws Exception {
        stopped = true;
        Count all = Count.NONE;
        for (Future<Count> pair : pairs) {
            all = all.plus(pair.get());
        }
        return all;
    }

    @Override
    public void close() {
        stopped = true;
        threads.close();
    }
}
