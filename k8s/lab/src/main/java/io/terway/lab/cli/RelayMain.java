package io.terway.lab.cli;

import io.terway.lab.cluster.ApiRelay;
import io.terway.lab.cluster.Control;
import io.terway.lab.cluster.Layout;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The relay's end outside the lab, a process that ends with the lab. Arguments: state directory, kubeconfig. */
final class RelayMain {
    private static final Duration POLL = Duration.ofMillis(500);

    private RelayMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Layout layout = new Layout(Path.of(arguments[0]));
        try (ApiRelay relay = ApiRelay.outside(Path.of(arguments[1]), layout)) {
            System.out.println("relay to " + relay.server());
            boolean seen = false;
            // The supervisor needs a moment to listen; after that its silence means that the lab is gone.
            for (int absent = 0; absent < 60 && !(seen && absent > 1); absent++) {
                Thread.sleep(POLL);
                if (Control.alive(layout.control())) {
                    seen = true;
                    absent = 0;
                }
            }
        }
    }
}
