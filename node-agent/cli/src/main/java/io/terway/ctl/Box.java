package io.terway.ctl;

import java.util.ArrayList;
import java.util.List;

/** Lines in a frame as wide as the guide's, wider when a line needs it. */
final class Box {

    private static final int GUIDE_WIDTH = 62;
    private static final String RULE = "";

    private final List<String> lines = new ArrayList<>();

    void line(String text) {
        lines.add(" " + text + " ");
    }

    void rule() {
        lines.add(RULE);
    }

    void print(StringBuilder out) {
        int width = Math.max(
                GUIDE_WIDTH, lines.stream().mapToInt(String::length).max().orElse(0));
        out.append('┌').repeat("─", width).append("┐\n");
        for (String line : lines) {
            if (line.equals(RULE)) {
                out.append('├').repeat("─", width).append("┤\n");
            } else {
                out.append('│').append(line).repeat(" ", width - line.length()).append("│\n");
            }
        }
        out.append('└').repeat("─", width).append("┘\n");
    }
}
