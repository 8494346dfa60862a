package io.terway.lab.api;

import io.terway.net.Cidr;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs the API server as a process of its own. */
public final class ApiMain {

    private static final String USAGE = "usage: api --listen HOST:PORT --state FILE [--kubeconfig-out FILE]"
            + " [--service-cidr CIDR] [--pod-grace SECONDS]";

    private static final Set<String> NAMES =
            Set.of("--listen", "--state", "--kubeconfig-out", "--service-cidr", "--pod-grace");

    private ApiMain() {}

    /** Exit code 2 for wrong arguments, 1 when the server cannot start; runs until it is signalled otherwise. */
    public static void main(String[] args) throws InterruptedException {
        // Only addresses are listened on; the resolver would take a tenth of the start.
        System.setProperty("vertx.disableDnsResolver", "true");
        Map<String, String> values;
        ApiOptions options;
        try {
            values = read(List.of(args));
            options = options(values);
        } catch (IllegalArgumentException e) {
            System.err.println("api: " + e.getMessage() + "\n" + USAGE);
            System.exit(2);
            return;
        }
        try {
            EmbeddedApi api = EmbeddedApi.start(options);
            if (values.containsKey("--kubeconfig-out")) {
                api.writeKubeconfig(Path.of(values.get("--kubeconfig-out")));
            }
            Runtime.getRuntime().addShutdownHook(new Thread(() -> close(api), "api-close"));
            System.out.println("api: answers at " + api.url());
        } catch (IOException e) {
            System.err.println("api: cannot start at " + values.get("--listen") + ": " + e.getMessage());
            System.exit(1);
        }
        Thread.currentThread().join();
    }

    static ApiOptions options(Map<String, String> values) {
        String listen = required(values, "--listen");
        int colon = listen.lastIndexOf(':');
        if (colon <= 0 || !listen.substring(colon + 1).matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("--listen is HOST:PORT, not '" + listen + "'");
        }
        String grace = values.getOrDefault("--pod-grace", "0");
        if (!grace.matches("[0-9]{1,6}")) {
            throw new IllegalArgumentException("--pod-grace is a number of seconds, not '" + grace + "'");
        }
        String host = listen.substring(0, colon).replace("[", "").replace("]", "");
        return ApiOptions.of(host, Integer.parseInt(listen.substring(colon + 1)), Path.of(required(values, "--state")))
                .withServices(Cidr.parse(values.getOrDefault("--service-cidr", "172.16.0.0/16")))
                .withPodGrace(Duration.ofSeconds(Long.parseLong(grace)));
    }

    static Map<String, String> read(List<String> args) {
        Map<String, String> values = new HashMap<>();
        List<String> rest = new ArrayList<>(args);
        while (!rest.isEmpty()) {
            String name = rest.removeFirst();
            if (!NAMES.contains(name)) {
                throw new IllegalArgumentException("unknown argument '" + name + "'");
            }
            if (rest.isEmpty()) {
                throw new IllegalArgumentException(name + " needs a value");
            }
            values.put(name, rest.removeFirst());
        }
        return values;
    }

    private static String required(Map<String, String> values, String name) {
        if (!values.containsKey(name)) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return values.get(name);
    }

    private static void close(EmbeddedApi api) {
        try {
            api.close();
        } catch (IOException e) {
            System.err.println("api: the state file did not close: " + e.getMessage());
        }
    }
}
