package io.terway.eni.grpc;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.terway.eni.operation.TwinLab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

/** A twin of the cloud for one run of the service. */
public final class TwinResource implements QuarkusTestResourceLifecycleManager {

    private TwinLab twin;
    private Path dir;

    @Override
    public Map<String, String> start() {
        try {
            dir = Files.createTempDirectory("eni-manager");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        twin = new TwinLab(dir);
        Map<String, String> settings = new HashMap<>(twin.settings());
        settings.put("ALIBABA_CLOUD_ACCESS_KEY_ID", twin.accessKey().id());
        settings.put("ALIBABA_CLOUD_ACCESS_KEY_SECRET", twin.accessKey().secret());
        return settings;
    }

    @Override
    public void stop() {
        twin.close();
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
