package io.terway.pattern;

import java.util.ArrayList;
import java.util.List;

/** Reads an expression into steps. Repetitions are unfolded, so their product is bounded. */
final class EreParser {

    /** Steps of one expression: bounds what matching one character may cost. */
    private static final int MOST_STEPS = 2_000;

    private static final int MOST_REPEATS = 255;
    private static final int DEEPEST = 64;
    private static final int FOREVER = -1;
    private static final String OPERATORS = "*+?{";

    private final String text;
    private final List<Automaton.Step> steps = new ArrayList<>();
    private int at;
    private int depth;

    /** An expression as a tree. */
    private sealed interface Node {
        record Nothing() implements Node {}

        record Take(Chars chars) implements Node {}

        record Edge(boolean end) implements Node {}

        record Both(Node first, Node then) implements Node {}

        record Either(Node one, Node other) implements Node {}

        record Repeat(Node what, int least, int most) implements Node {}
    }

    EreParser(String text) {
        this.text = text;
    }

    Automaton parse() {
        Node tree = either();
        if (at < text.length()) {
            throw wrong("a ')' closes nothing");
        }
        int done = step(new Automaton.Step.Done());
        return new Automaton(steps, write(tree, done));
    }

    private Node either() {
        Node tree = sequence();
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            tree = new Node.Either(tree, sequence());
        }
        return tree;
    }

    private Node sequence() {
        Node tree = new Node.Nothing();
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            Node next = repeated(atom());
            tree = tree instanceof Node.Nothing ? next : new Node.Both(tree, next);
        }
        return tree;
    }

    private Node atom() {
        char c = text.charAt(at++);
        return switch (c) {
            case '(' -> group();
            case '[' -> new Node.Take(new BracketReader(text, at, next -> at = next).read());
            case '.' -> new Node.Take(Chars.any());
            case '^' -> new Node.Edge(false);
            case '$' -> new Node.Edge(true);
            case '\\' -> new Node.Take(escape());
            case '*', '+', '?', '{' -> throw wrong("'" + c + "' repeats nothing");
            default -> new Node.Take(literal(c));
        };
    }

    private Node group() {
        if (at < text.length() && text.charAt(at) == '?') {
            throw wrong("'(?' is no POSIX extended regular expression");
        }
        if (++depth > DEEPEST) {
            throw wrong("groups are nested deeper than " + DEEPEST);
        }
        Node inner = either();
        if (at == text.length()) {
            throw wrong("a '(' is not closed");
        }
        at++;
        depth--;
        return inner;
    }

    private Chars escape() {
        if (at == text.length()) {
            throw wrong("it ends in a backslash");
        }
        char c = text.charAt(at++);
        Chars known = Chars.escapeOrNull(c);
        if (known != null) {
            return known;
        }
        if (Character.isLetterOrDigit(c)) {
            throw wrong("'\\" + c + "' is no POSIX extended regular expression");
        }
        return literal(c);
    }

    private Chars literal(char c) {
        if (c >= Chars.LISTED) {
            throw wrong("'" + c + "' is outside of Latin-1; write percent-encoded what is so in requests");
        }
        return Chars.of(c);
    }

    private Node repeated(Node what) {
        if (at == text.length() || OPERATORS.indexOf(text.charAt(at)) < 0) {
            return what;
        }
        Node.Repeat repeat = switch (text.charAt(at++)) {
            case '*' -> new Node.Repeat(what, 0, FOREVER);
            case '+' -> new Node.Repeat(what, 1, FOREVER);
            case '?' -> new Node.Repeat(what, 0, 1);
            default -> counted(what);
        };
        // Elsewhere a second operator makes the first lazy or possessive: another language.
        if (at < text.length() && OPERATORS.indexOf(text.charAt(at)) >= 0) {
            throw wrong("a repetition follows a repetition");
        }
        return repeat;
    }

    private Node.Repeat counted(Node what) {
        int least = number();
        int most = least;
        if (at < text.length() && text.charAt(at) == ',') {
            at++;
            most = at < text.length() && text.charAt(at) == '}' ? FOREVER : number();
        }
        if (at == text.length() || text.charAt(at++) != '}') {
            throw wrong("a '{' is not {m}, {m,} or {m,n}");
        }
        if (most != FOREVER && most < least) {
            throw wrong("{" + least + "," + most + "} goes down");
        }
        return new Node.Repeat(what, least, most);
    }

    private int number() {
        int from = at;
        while (at < text.length() && at - from < 3 && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (from == at) {
            throw wrong("a '{' is not {m}, {m,} or {m,n}");
        }
        int number = Integer.parseInt(text.substring(from, at));
        if (number > MOST_REPEATS) {
            throw wrong("more than " + MOST_REPEATS + " repetitions");
        }
        return number;
    }

    /** Writes the steps of a tree, last one first; returns the first. */
    private int write(Node tree, int next) {
        return switch (tree) {
            case Node.Nothing() -> next;
            case Node.Take(Chars chars) -> step(new Automaton.Step.Take(chars, next));
            case Node.Edge(boolean end) -> step(new Automaton.Step.Edge(end, next));
            case Node.Both(Node first, Node then) -> write(first, write(then, next));
            case Node.Either(Node one, Node other) ->
                step(new Automaton.Step.Fork(write(one, next), write(other, next)));
            case Node.Repeat repeat -> repeat(repeat, next);
        };
    }

    private int repeat(Node.Repeat repeat, int next) {
        int first = next;
        if (repeat.most() == FOREVER) {
            int loop = step(new Automaton.Step.Done()); // its place; what it does is known after its body
            steps.set(loop, new Automaton.Step.Fork(write(repeat.what(), loop), next));
            first = loop;
        } else {
            for (int i = repeat.least(); i < repeat.most(); i++) {
                first = step(new Automaton.Step.Fork(write(repeat.what(), first), next));
            }
        }
        for (int i = 0; i < repeat.least(); i++) {
            first = write(repeat.what(), first);
        }
        return first;
    }

    private int step(Automaton.Step step) {
        if (steps.size() == MOST_STEPS) {
            throw wrong("its repetitions unfold into more than " + MOST_STEPS + " steps");
        }
        steps.add(step);
        return steps.size() - 1;
    }

    private IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException("pattern '" + text + "': " + why);
    }
}
