package io.terway.bench.cloud;

import io.terway.bench.Report;
import io.terway.bench.Report.Result;
import io.terway.bench.Unmeasurable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** One twin with 5,000 nodes and 100,000 pod addresses: how fast it is filled, and how many calls it then answers. */
public final class CloudBench {

    private static final int CONNECTIONS = 32;
    private static final int ADDRESSES_PER_NODE = 20;

    private final Path root;
    private final Consumer<String> progress;
    private final List<Result> results = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    /** {@code root} is the checkout; {@code progress} gets a line for each step. */
    public CloudBench(Path root, Consumer<String> progress) {
        this.root = root;
        this.progress = progress;
    }

    private interface Work {
        void call(ApiConnection connection, int number) throws IOException;
    }

    /** Takes all figures; {@code quick} fills a tenth of the account. */
    public Report run(boolean quick, String machine) throws IOException {
        int nodes = quick ? 500 : 5_000;
        Path scenario = Files.createTempFile("terway-bench-cloud", ".json");
        try (TwinProcess twin = TwinProcess.start(root, LargeAccount.write(scenario, nodes))) {
            String[] enis = new String[nodes];
            progress.accept("filling " + nodes + " nodes with " + nodes * ADDRESSES_PER_NODE + " addresses");
            measure(
                    twin,
                    "create+attach, cold",
                    2 * nodes,
                    nodes,
                    (connection, number) -> enis[number] = fill(connection, number, 1));
            int calls = quick ? 20_000 : 60_000;
            progress.accept(calls + " reads and " + calls + " mixed calls");
            measure(
                    twin,
                    "describe one",
                    calls,
                    calls,
                    (connection, number) -> describe(connection, enis[number % nodes]));
            measure(twin, "mixed", calls, calls / 4, (connection, number) -> mixed(connection, enis, number));
            measure(
                    twin,
                    "page of 500",
                    nodes / 5,
                    nodes / 5,
                    (connection, number) -> connection.call("DescribeNetworkInterfaces", Map.of("MaxResults", "500")));
            notes.add("%d ENIs, %d pod addresses, %.0f MiB resident"
                    .formatted(2 * nodes, nodes * ADDRESSES_PER_NODE, twin.residentMebibytes()));
            progress.accept("filling each node once more");
            measure(twin, "create+attach, warm", 2 * nodes, nodes, (connection, number) -> fill(connection, number, 2));
        } finally {
            Files.deleteIfExists(scenario);
        }
        notes.add("client and twin share the cores; \"twin CPU\" is what the twin's process used, whatever else ran");
        return new Report("cloud", machine, results, List.of(), notes);
    }

    /** An ENI of 20 addresses for a node, made and attached; its id. */
    private static String fill(ApiConnection connection, int number, int round) throws IOException {
        String eni = create(connection, number, round);
        connection.call(
                "AttachNetworkInterface",
                Map.of("NetworkInterfaceId", eni, "InstanceId", LargeAccount.instance(number)));
        return eni;
    }

    private static String create(ApiConnection connection, int number, int round) throws IOException {
        String answer = connection.call(
                "CreateNetworkInterface",
                Map.of(
                        "VSwitchId",
                        LargeAccount.podVSwitch(number, round),
                        "SecurityGroupId",
                        LargeAccount.GROUP,
                        "SecondaryPrivateIpAddressCount",
                        Integer.toString(ADDRESSES_PER_NODE - 1),
                        "ClientToken",
                        "fill-" + round + "-" + number,
                        "Tag.1.Key",
                        "cluster",
                        "Tag.1.Value",
                        "bench"));
        return answer.replaceAll("(?s).*\"NetworkInterfaceId\":\"([^\"]+)\".*", "$1");
    }

    private static void describe(ApiConnection connection, String eni) throws IOException {
        connection.call("DescribeNetworkInterfaces", Map.of("NetworkInterfaceId.1", eni));
    }

    /** Two reads, and one address that comes and goes. Each ENI belongs to one caller at a time. */
    private static void mixed(ApiConnection connection, String[] enis, int number) throws IOException {
        String eni = enis[number % enis.length];
        describe(connection, eni);
        String given = connection.call(
                "AssignPrivateIpAddresses", Map.of("NetworkInterfaceId", eni, "SecondaryPrivateIpAddressCount", "1"));
        String address = given.replaceAll("(?s).*\"PrivateIpAddress\":\\[\"([^\"]+)\".*", "$1");
        describe(connection, eni);
        connection.call("UnassignPrivateIpAddresses", Map.of("NetworkInterfaceId", eni, "PrivateIpAddress.1", address));
    }

    /** {@code pieces} pieces of work, which make {@code calls} calls, over all connections. */
    private void measure(TwinProcess twin, String metric, int calls, int pieces, Work work) throws IOException {
        AtomicInteger next = new AtomicInteger();
        List<Double> millis = Collections.synchronizedList(new ArrayList<>());
        AtomicLong done = new AtomicLong();
        Duration cpuBefore = twin.cpu();
        long begun = System.nanoTime();
        try (ExecutorService callers = Executors.newFixedThreadPool(CONNECTIONS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                all.add(callers.submit(() -> {
                    try (ApiConnection connection = new ApiConnection(twin)) {
                        for (int n = next.getAndIncrement(); n < pieces; n = next.getAndIncrement()) {
                            long at = System.nanoTime();
                            work.call(connection, n);
                            millis.add((System.nanoTime() - at) / 1e6 * pieces / calls);
                            done.incrementAndGet();
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new Unmeasurable(metric + ": " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unmeasurable("interrupted");
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        double cpu = twin.cpu().minus(cpuBefore).toNanos() / 1e3 / calls;
        results.add(Result.of("twin", metric + ", call", "ms", millis));
        results.add(Result.of("twin", metric + ", rate", "calls/s", List.of(calls / seconds)));
        results.add(Result.of("twin", metric + ", twin CPU", "us/call", List.of(cpu)));
    }
}
