package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.VSwitchId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The life cycle against a small cloud that loses answers, fails before or after the fact, and lags. */
final class EniLifecycleProperties {

    private static final int RUNS = 3_000 * Integer.getInteger("test.scale", 1);
    private static final int MAX_STEPS = 500;

    @Test
    void anOrderEndsInUseOrLeavesNothingBehind() {
        for (int seed = 0; seed < RUNS; seed++) {
            Lab lab = new Lab(seed);

            EniState end = lab.run(EniLifecycle.order(Samples.order(), false, lab.deadline()));

            String story = "seed " + seed + " ended " + end + " with " + lab.enis + " ENIs";
            assertTrue(lab.everCreated <= 1, "two ENIs for one order: " + story);
            switch (end) {
                case EniState.InUse _ -> assertEquals(1, lab.enis, story);
                case EniState.Failed(CloudFailure cause) ->
                    assertTrue(lab.enis == 0 || lateCodes().contains(cause.code()), story);
                default -> throw new AssertionError(story);
            }
        }
    }

    @Test
    void aRepeatOfAnOrderFindsTheFirstOnesEni() {
        for (int seed = 0; seed < RUNS; seed++) {
            Lab lab = new Lab(seed);
            lab.run(EniLifecycle.order(Samples.order(), false, lab.deadline()));
            lab.calm();

            lab.run(EniLifecycle.order(Samples.order(), true, lab.deadline()));

            assertTrue(lab.enis <= 1, "seed " + seed + " has " + lab.enis + " ENIs");
        }
    }

    /** Ends that leave a tagged ENI for the repeat to find: the deadline came first, or nobody may touch it. */
    private static List<String> lateCodes() {
        return List.of(
                "AttachTimeout",
                "Forbidden.RAM",
                "SDK.ReadTimeout",
                "EniPerInstanceLimitExceeded",
                "InternalError",
                "Throttling",
                "InvalidVSwitchId.IpNotEnough");
    }

    private static final class Lab {
        private final Random random;
        private Instant now = Instant.EPOCH;
        private EniStatus status = EniStatus.AVAILABLE;
        private int enis;
        private int everCreated;
        private int visibleAt;
        private int step;
        private boolean calm;

        Lab(long seed) {
            random = new Random(seed);
        }

        Instant deadline() {
            return now.plusSeconds(120);
        }

        void calm() {
            calm = true;
            now = now.plusSeconds(10);
            visibleAt = 0;
        }

        EniState run(Transition from) {
            Transition at = from;
            int steps = 0;
            while (!at.next().terminal()) {
                assertTrue(++steps < MAX_STEPS, "an order never ends: " + at);
                at = EniLifecycle.on(at.next(), execute(at.commands().getFirst()), now);
            }
            return at.next();
        }

        private EniEvent execute(EniCommand command) {
            step++;
            return switch (command) {
                case EniCommand.Create _ -> create();
                case EniCommand.Find(OperationId _, Duration after) -> look(after);
                case EniCommand.Look(var _, Duration after) -> look(after);
                case EniCommand.Attach(var _, var _) ->
                    enis == 0 || status != EniStatus.AVAILABLE
                            ? refused("InvalidOperation.InvalidEniState")
                            : change(EniStatus.ATTACHING);
                case EniCommand.Detach(var _, var _) ->
                    status != EniStatus.IN_USE
                            ? refused("InvalidOperation.InvalidEniState")
                            : change(EniStatus.DETACHING);
                case EniCommand.Delete _ ->
                    enis == 0
                            ? refused("InvalidEniId.NotFound")
                            : status == EniStatus.AVAILABLE
                                    ? change(EniStatus.DELETING)
                                    : refused("InvalidOperation.InvalidEniState");
            };
        }

        private EniEvent create() {
            Optional<EniEvent> before = failure();
            if (before.isPresent()) {
                return before.get();
            }
            // The client token makes a second create of the same round and vSwitch return the first one's ENI.
            if (enis == 0) {
                enis = 1;
                everCreated++;
                status = EniStatus.AVAILABLE;
                visibleAt = step + random.nextInt(2);
            }
            return lost() ? refused("SDK.ReadTimeout") : new EniEvent.Created(Samples.eni(status));
        }

        private EniEvent change(EniStatus to) {
            Optional<EniEvent> before = failure();
            if (before.isPresent()) {
                return before.get();
            }
            status = to;
            return lost() ? refused("SDK.ReadTimeout") : new EniEvent.Accepted();
        }

        private EniEvent look(Duration after) {
            now = now.plus(after).plusMillis(20);
            if (enis == 1 && random.nextInt(3) > 0) {
                switch (status) {
                    case ATTACHING -> status = EniStatus.IN_USE;
                    case DETACHING -> status = EniStatus.AVAILABLE;
                    case DELETING -> enis = 0;
                    case AVAILABLE, IN_USE, CREATING, FAILED -> {}
                }
            }
            if (lost()) {
                return refused("SDK.ReadTimeout");
            }
            return enis == 0 || step < visibleAt ? new EniEvent.Absent() : new EniEvent.Seen(Samples.eni(status));
        }

        private Optional<EniEvent> failure() {
            if (calm) {
                return Optional.empty();
            }
            return switch (random.nextInt(16)) {
                case 0 -> Optional.of(refused("Throttling"));
                case 1 -> Optional.of(refused("InternalError"));
                case 2 -> Optional.of(refused("EniPerInstanceLimitExceeded"));
                case 3 -> Optional.of(refused("Forbidden.RAM"));
                case 4 -> Optional.of(refused("InvalidVSwitchId.IpNotEnough"));
                default -> Optional.empty();
            };
        }

        private boolean lost() {
            return !calm && random.nextInt(8) == 0;
        }

        private static EniEvent refused(String code) {
            return new EniEvent.CallFailed(CloudFailure.of(code, new VSwitchId("vsw-1").value()));
        }
    }
}
