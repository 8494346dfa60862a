package io.terway.eni.sim;

import io.terway.eni.sim.cloud.Latencies;
import io.terway.eni.sim.ecs.InstanceTypes;
import io.terway.eni.sim.rpc.RateLimits;
import io.terway.net.InstanceId;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * How a twin runs, whatever it simulates.
 *
 * @param api where the ECS and VPC APIs are served
 * @param metadata where instance metadata is served, if at all
 * @param stateFile where the cloud is kept across restarts, if at all
 * @param clock the cloud's clock
 * @param seed of ids and of everything random
 * @param types what each instance type allows
 * @param control whether {@code /_control} is served beside the API
 * @param callers overrides which instance a metadata request comes from, by source address; without an answer the
 *     address decides
 */
public record Options(
        Listen api,
        Optional<Listen> metadata,
        Latencies latencies,
        Optional<Path> stateFile,
        InstantSource clock,
        long seed,
        RateLimits rateLimits,
        InstanceTypes types,
        boolean control,
        Function<String, Optional<InstanceId>> callers) {

    public Options {
        Objects.requireNonNull(api, "api");
        Objects.requireNonNull(metadata, "metadata");
        Objects.requireNonNull(latencies, "latencies");
        Objects.requireNonNull(stateFile, "stateFile");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(rateLimits, "rateLimits");
        Objects.requireNonNull(types, "types");
        Objects.requireNonNull(callers, "callers");
    }

    /** Any free port of 127.0.0.1, no metadata, no state file, typical latencies, the documented rate limits. */
    public static Options defaults() {
        return new Options(
                new Listen("127.0.0.1", 0),
                Optional.empty(),
                Latencies.typical(),
                Optional.empty(),
                InstantSource.system(),
                1,
                RateLimits.documented(),
                InstanceTypes.documented(),
                true,
                source -> Optional.empty());
    }

    public Options withApi(String host, int port) {
        return new Options(
                new Listen(host, port),
                metadata,
                latencies,
                stateFile,
                clock,
                seed,
                rateLimits,
                types,
                control,
                callers);
    }

    public Options withMetadata(String host, int port) {
        return new Options(
                api,
                Optional.of(new Listen(host, port)),
                latencies,
                stateFile,
                clock,
                seed,
                rateLimits,
                types,
                control,
                callers);
    }

    public Options withLatencies(Latencies newLatencies) {
        return new Options(api, metadata, newLatencies, stateFile, clock, seed, rateLimits, types, control, callers);
    }

    public Options withStateFile(Path file) {
        return new Options(
                api, metadata, latencies, Optional.of(file), clock, seed, rateLimits, types, control, callers);
    }

    public Options withClock(InstantSource newClock) {
        return new Options(api, metadata, latencies, stateFile, newClock, seed, rateLimits, types, control, callers);
    }

    public Options withSeed(long newSeed) {
        return new Options(api, metadata, latencies, stateFile, clock, newSeed, rateLimits, types, control, callers);
    }

    public Options withRateLimits(RateLimits limits) {
        return new Options(api, metadata, latencies, stateFile, clock, seed, limits, types, control, callers);
    }

    public Options withTypes(InstanceTypes newTypes) {
        return new Options(api, metadata, latencies, stateFile, clock, seed, rateLimits, newTypes, control, callers);
    }

    public Options withoutControl() {
        return new Options(api, metadata, latencies, stateFile, clock, seed, rateLimits, types, false, callers);
    }

    public Options withCallers(Function<String, Optional<InstanceId>> newCallers) {
        return new Options(api, metadata, latencies, stateFile, clock, seed, rateLimits, types, control, newCallers);
    }
}
