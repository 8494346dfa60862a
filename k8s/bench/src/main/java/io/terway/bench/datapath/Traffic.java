package io.terway.bench.datapath;

import io.terway.bench.Command;
import io.terway.bench.Place;
import io.terway.bench.Unmeasurable;
import java.nio.file.Path;
import java.util.List;

/** Makes TCP traffic through traffic.c, which measures it. */
final class Traffic {

    /** What is measured, as the program calls it and as the report does. */
    enum Kind {
        ROUND_TRIP("rr", "round trip", "us"),
        ONE_WAY("stream", "one way", "MB/s"),
        CONNECTION("connect", "connection", "us"),
        HELD("hold", "connection held", "us");

        private final String mode;
        private final String metric;
        private final String unit;

        Kind(String mode, String metric, String unit) {
            this.mode = mode;
            this.metric = metric;
            this.unit = unit;
        }

        /** Connections behind each number that the program prints. */
        int connections() {
            return switch (this) {
                case ROUND_TRIP, ONE_WAY -> 0;
                case CONNECTION -> 20;
                case HELD -> 200;
            };
        }

        String metric() {
            return metric;
        }

        String unit() {
            return unit;
        }
    }

    /**
     * Two ends of a connection.
     *
     * @param subject what connects them, for the report
     * @param place where both namespaces can be entered
     * @param server path of the namespace that listens at {@code address}
     * @param client path of the other one
     */
    record Way(String subject, Place place, String server, String client, String address, int port) {}

    private final Path program;

    private Traffic(Path program) {
        this.program = program;
    }

    /** Compiles traffic.c into {@code work}. */
    static Traffic compile(Path source, Path work) {
        Path program = work.resolve("traffic");
        if (Command.run(List.of("gcc", "-O2", "-o", program.toString(), source.toString()))
                        .exitCode()
                != 0) {
            throw new Unmeasurable("gcc could not compile " + source + "; install gcc and libc6-dev");
        }
        return new Traffic(program);
    }

    /** Samples of one run. */
    List<Double> run(Way way, Kind kind, double seconds) {
        return way.place()
                .require(
                        program.toString(),
                        way.server(),
                        way.client(),
                        way.address(),
                        Integer.toString(way.port()),
                        kind.mode,
                        Double.toString(seconds))
                .lines()
                .map(Double::valueOf)
                .toList();
    }
}
