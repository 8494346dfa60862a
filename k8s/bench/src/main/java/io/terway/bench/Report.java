package io.terway.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What a benchmark found; the JSON form is this record.
 *
 * @param name the benchmark
 * @param machine cores, memory, kernel, Java: what the figures depend on
 * @param results figures by subject and metric
 * @param ratios medians of one subject over another's, from the same run
 * @param notes what was left out and why
 */
public record Report(String name, String machine, List<Result> results, List<Ratio> ratios, List<String> notes) {

    public Report {
        results = List.copyOf(results);
        ratios = List.copyOf(ratios);
        notes = List.copyOf(notes);
    }

    /** This report with further results behind its own. */
    public Report with(List<Result> more) {
        var all = new ArrayList<>(results);
        all.addAll(more);
        return new Report(name, machine, all, ratios, notes);
    }

    /** The spread of {@code n} samples of one metric. */
    public record Result(
            String subject,
            String metric,
            String unit,
            int n,
            double min,
            double median,
            double p90,
            double p99,
            double max) {

        /** Sorts a copy of the samples and reads the quantiles by nearest rank. */
        public static Result of(String subject, String metric, String unit, List<Double> samples) {
            if (samples.isEmpty()) {
                throw new IllegalArgumentException("no samples of " + metric + " of " + subject);
            }
            List<Double> sorted = samples.stream().sorted().toList();
            return new Result(
                    subject,
                    metric,
                    unit,
                    sorted.size(),
                    sorted.getFirst(),
                    quantile(sorted, 0.5),
                    quantile(sorted, 0.9),
                    quantile(sorted, 0.99),
                    sorted.getLast());
        }

        private static double quantile(List<Double> sorted, double q) {
            int rank = (int) Math.ceil(q * sorted.size());
            return sorted.get(Math.max(rank, 1) - 1);
        }
    }

    /** {@code median} is the median of {@code of} divided by that of {@code to}. */
    public record Ratio(String of, String to, String metric, double median) {

        /** The ratio of two results of one metric. */
        public static Ratio of(Result of, Result to) {
            return new Ratio(of.subject(), to.subject(), of.metric(), of.median() / to.median());
        }
    }
}
