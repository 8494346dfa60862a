package io.terway.lab.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * How to start a process and see that it serves.
 *
 * @param environment added to the supervisor's own
 * @param health what answers 200 when the component is ready
 */
public record Launch(List<String> command, Map<String, String> environment, Path directory, Path log, Health health) {

    /** @param host as a component in the management namespace reaches it */
    public record Health(String host, int port, String path) {}

    public Launch {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }
}
