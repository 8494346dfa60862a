package io.terway.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReportTest {

    @Test
    void readsQuantilesByNearestRankWhateverTheOrder() {
        List<Double> samples = new ArrayList<>(
                IntStream.rangeClosed(1, 100).mapToObj(Double::valueOf).toList());
        Collections.shuffle(samples, new Random(1));

        var result = Report.Result.of("s", "m", "ms", samples);

        assertEquals(new Report.Result("s", "m", "ms", 100, 1, 50, 90, 99, 100), result);
    }

    @Test
    void oneSampleIsEveryQuantile() {
        assertEquals(
                new Report.Result("s", "m", "ms", 1, 7, 7, 7, 7, 7), Report.Result.of("s", "m", "ms", List.of(7.0)));
    }

    @Test
    void refusesFiguresWithoutSamples() {
        assertThrows(IllegalArgumentException.class, () -> Report.Result.of("s", "m", "ms", List.of()));
    }

    @Test
    void aRatioIsOfMedians() {
        var ours = Report.Result.of("a", "m", "ms", List.of(1.0, 2.0, 100.0));
        var peer = Report.Result.of("b", "m", "ms", List.of(4.0, 8.0, 9.0));

        assertEquals(new Report.Ratio("a", "b", "m", 0.25), Report.Ratio.of(ours, peer));
    }
}
