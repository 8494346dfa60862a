package io.terway.ipam.leader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TermsTest {

    private final List<String> told = new ArrayList<>();

    @Test
    void aFollowerThatThrowsDoesNotKeepBackTheOthers() {
        var terms = new Terms((_, _) -> {});
        terms.follow(follower("a", true));
        terms.follow(follower("b", false));
        terms.elected(3);
        assertTrue(terms.serving().isPresent());

        terms.lost(3);

        assertEquals(List.of("a begins", "b begins", "a ends", "b ends"), told);
        assertEquals(Optional.empty(), terms.serving());
    }

    @Test
    void agentsAreNotServedBeforeTheLoopHasHeardWhatWasKnown() {
        var terms = new Terms((_, _) -> {});
        List<Boolean> serving = new ArrayList<>();
        terms.follow(new Terms.Follower() {
            @Override
            public void begins(LoopThread loop) {
                serving.add(terms.serving().isPresent());
            }

            @Override
            public void ends(LoopThread loop) {}
        });

        terms.elected(1);

        assertEquals(List.of(false), serving);
        terms.close();
    }

    private Terms.Follower follower(String name, boolean failing) {
        return new Terms.Follower() {
            @Override
            public void begins(LoopThread loop) {
                note("begins");
            }

            @Override
            public void ends(LoopThread loop) {
                note("ends");
            }

            private void note(String what) {
                told.add(name + " " + what);
                if (failing) {
                    throw new IllegalStateException("as the test says");
                }
            }
        };
    }
}
