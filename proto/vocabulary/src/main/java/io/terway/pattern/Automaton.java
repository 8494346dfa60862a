package io.terway.pattern;

import java.util.Arrays;
import java.util.List;

/** Steps of an expression, followed side by side. A step is reached once per character, so time is bounded. */
final class Automaton {

    private final List<Step> steps;
    private final int start;

    /** One step; numbers are of the steps that may come next. */
    sealed interface Step {

        /** Takes one character of these. */
        record Take(Chars chars, int next) implements Step {}

        /** Goes two ways. */
        record Fork(int one, int other) implements Step {}

        /** Goes on at the beginning of the text only, or at its end only. */
        record Edge(boolean end, int next) implements Step {}

        /** The expression is at its end. */
        record Done() implements Step {}
    }

    Automaton(List<Step> steps, int start) {
        this.steps = List.copyOf(steps);
        this.start = start;
    }

    boolean matches(CharSequence text) {
        int length = text.length();
        Front front = new Front(steps.size());
        Front next = new Front(steps.size());
        reach(start, 0, length, front);
        for (int at = 0; at < length && front.size > 0; at++) {
            next.size = 0;
            next.round++;
            char c = text.charAt(at);
            for (int i = 0; i < front.size; i++) {
                if (steps.get(front.steps[i]) instanceof Step.Take(Chars chars, int then) && chars.contain(c)) {
                    reach(then, at + 1, length, next);
                }
            }
            Front used = front;
            front = next;
            next = used;
        }
        for (int i = 0; i < front.size; i++) {
            if (steps.get(front.steps[i]) instanceof Step.Done) {
                return true;
            }
        }
        return false;
    }

    /** Adds a step and all that it leads to without a character; a stack of its own, because forks nest deep. */
    private void reach(int first, int at, int length, Front front) {
        int[] stack = front.stack;
        int depth = 0;
        stack[depth++] = first;
        front.mark(first);
        while (depth > 0) {
            int number = stack[--depth];
            switch (steps.get(number)) {
                case Step.Fork(int one, int other) -> {
                    depth = front.push(other, stack, depth);
                    depth = front.push(one, stack, depth);
                }
                case Step.Edge(boolean end, int then) -> {
                    if (end ? at == length : at == 0) {
                        depth = front.push(then, stack, depth);
                    }
                }
                case Step.Take _, Step.Done _ -> front.steps[front.size++] = number;
            }
        }
    }

    /** The steps that are reached after as many characters. */
    private static final class Front {
        private final int[] steps;
        private final int[] seenIn;
        private final int[] stack;
        private int size;
        private int round = 1;

        Front(int most) {
            steps = new int[most + 1];
            seenIn = new int[most];
            stack = new int[most + 1];
            Arrays.fill(seenIn, 0);
        }

        boolean mark(int step) {
            boolean fresh = seenIn[step] != round;
            seenIn[step] = round;
            return fresh;
        }

        int push(int step, int[] stack, int depth) {
            if (!mark(step)) {
                return depth;
            }
            stack[depth] = step;
            return depth + 1;
        }
    }
}
