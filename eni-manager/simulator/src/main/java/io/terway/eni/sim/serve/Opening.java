package io.terway.eni.sim.serve;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.terway.eni.sim.Founding;
import io.terway.eni.sim.Options;
import io.terway.eni.sim.Scenario;
import io.terway.eni.sim.VpcObserver;
import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.rpc.AccessKeys;
import io.terway.eni.sim.rpc.Repeats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Builds a twin from its state file, or from its scenario when there is none yet. */
public final class Opening {

    private Opening() {}

    /**
     * The twin, with its carrier running.
     *
     * @throws IllegalArgumentException when scenario or state file do not fit, saying what
     */
    public static Twin open(Scenario scenario, Options options, VpcObserver observer) {
        boolean dataPlane = observer != VpcObserver.NONE;
        Optional<StateFile> file = options.stateFile().map(StateFile::new);
        Optional<StateFile.Kept> kept = file.flatMap(StateFile::read);
        Cloud cloud = kept.map(k -> Cloud.restore(k.cloud(), options.types(), options.latencies(), dataPlane))
                .orElseGet(() -> Founding.found(
                        scenario,
                        options.seed(),
                        options.types(),
                        options.latencies(),
                        dataPlane,
                        options.clock().instant()));
        AccessKeys keys = new AccessKeys();
        keys.add(scenario.accessKey().id(), scenario.accessKey().secret());
        Repeats repeats = new Repeats();
        kept.ifPresent(k -> {
            repeats.restore(StateFile.remembered(k));
            keys.restore(k.temporaryKeys());
        });
        Desk desk = new Desk(cloud, keys, repeats, options.rateLimits(), options.seed());
        file.ifPresent(f -> requireWritable(f, desk));
        return new Twin(desk, options.clock(), observer, file);
    }

    /** Refuses a wrong path at the start; a disk that fails later is tried again instead. */
    private static void requireWritable(StateFile file, Desk desk) {
        try {
            file.write(StateFile.keep(desk));
        } catch (UncheckedIOException e) {
            throw new IllegalArgumentException(
                    e.getMessage() + ": " + e.getCause() + "; choose a path in a directory that exists", e);
        }
    }

    /**
     * Reads a scenario from JSON of the shape of {@link Scenario}.
     *
     * @throws IllegalArgumentException naming file and field
     */
    public static Scenario readScenario(Path file) {
        try {
            return Json.MAPPER.readValue(Files.readString(file), Scenario.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the scenario " + file + " does not fit: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("the scenario " + file + " is unreadable: " + e.getMessage(), e);
        }
    }
}
