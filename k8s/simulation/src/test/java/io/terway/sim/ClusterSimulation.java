package io.terway.sim;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The whole protocol in one thread: {@code -Dseed=N} replays a failed run and prints what led to the failure. One million
 * steps, a hundred times as many under {@code -Pfull}: fifty seeds at two million each.
 */
class ClusterSimulation {

    private static final int SCALE = Integer.getInteger("test.scale", 1);
    private static final long STEPS_PER_SHAPE = 40_000L * SCALE;

    /** Many short runs find more than a few long ones: what a run can meet is met in its first million steps or so. */
    private static final long STEPS = SCALE == 1 ? 250_000 : 2_000_000;

    private static final List<Long> USUAL_SEEDS = List.of(1L, 4L, 11L, 15L);

    /** Long runs say how far they are. */
    private static final long PROGRESS_EVERY = 1_000_000;

    private static final int MUTANT_SEEDS = 24;
    private static final long MUTANT_STEPS = 100_000;

    @ParameterizedTest
    @MethodSource("seeds")
    void invariantsHoldWhateverCrashes(long seed) {
        if (Long.getLong("seed") == null) {
            play(seed, Shape.USUAL, new Rules(), STEPS);
        }
    }

    /** {@code -Dseeds=FROM-TO} runs just these. */
    static List<Long> seeds() {
        String wanted = System.getProperty("seeds", "");
        if (!wanted.isEmpty()) {
            String[] ends = wanted.split("-");
            return LongStream.rangeClosed(Long.parseLong(ends[0]), Long.parseLong(ends[1]))
                    .boxed()
                    .toList();
        }
        return SCALE == 1
                ? USUAL_SEEDS
                : LongStream.rangeClosed(1, SCALE / 2).boxed().toList();
    }

    /** Every mode with ENIs, every stack: the seed chooses nothing here, so that each is run. */
    @ParameterizedTest
    @MethodSource("shapes")
    void invariantsHoldInEveryModeAndStack(Shape shape) {
        if (Long.getLong("seed") == null) {
            play(1, shape, new Rules(), STEPS_PER_SHAPE);
        }
    }

    static List<Shape> shapes() {
        return Shape.all();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void sandboxesStartFromWarmAddressesWithEveryServiceAway(long seed) {
        Run run = new Run(seed, new Rules(), false);
        run.go(40_000);
        run.startsWithoutServices();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void noticesEachRuleThatIsBroken(String broken) {
        Rules rules = Mutants.all().get(broken);
        for (long seed = 1; seed <= MUTANT_SEEDS; seed++) {
            try {
                new Run(seed, rules, false).go(MUTANT_STEPS);
            } catch (AssertionError | RuntimeException noticed) {
                return;
            }
        }
        fail("nothing went wrong in " + MUTANT_SEEDS + " runs without rule " + broken);
    }

    static Set<String> mutants() {
        return Mutants.all().keySet();
    }

    @Test
    void replaysASeed() {
        Long seed = Long.getLong("seed");
        if (seed != null) {
            play(seed, Shape.USUAL, new Rules(), STEPS);
        }
    }

    private static void play(long seed, Shape shape, Rules rules, long steps) {
        Run run = new Run(seed, shape, rules, Long.getLong("seed") != null);
        try {
            for (long reached = 0; reached < steps; reached = run.steps()) {
                run.go(Math.min(steps, reached + PROGRESS_EVERY));
                if (steps > PROGRESS_EVERY) {
                    System.out.println("seed " + seed + ": " + run.steps() + " steps hold");
                }
            }
        } catch (AssertionError | RuntimeException broken) {
            System.out.println(run.traced());
            fail(
                    shape + ", seed " + seed + ", step " + run.steps() + " (replay with -Dseed=" + seed + "): "
                            + broken,
                    broken);
        }
    }
}
