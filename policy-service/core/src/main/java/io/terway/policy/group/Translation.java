package io.terway.policy.group;

import io.terway.policy.Direction;
import java.util.List;
import java.util.Set;

/** What becomes of the policies of one group. */
public sealed interface Translation {

    /**
     * The group can say it.
     *
     * @param rules without duplicates, sorted
     * @param judged the directions that the group judges
     * @param notes what people should know
     */
    record Fits(List<GroupRule> rules, Set<Direction> judged, List<String> notes) implements Translation {
        public Fits {
            rules = List.copyOf(rules);
            judged = Set.copyOf(judged);
            notes = List.copyOf(notes);
        }
    }

    /**
     * The group cannot say it; the node enforces instead.
     *
     * @param reasons each names what does not fit
     */
    record DoesNotFit(List<String> reasons) implements Translation {
        public DoesNotFit {
            reasons = List.copyOf(reasons);
        }
    }
}
