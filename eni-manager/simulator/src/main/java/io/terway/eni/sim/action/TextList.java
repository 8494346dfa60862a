package io.terway.eni.sim.action;

import io.terway.eni.sim.rpc.Params;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A JSON array of plain strings inside a parameter, {@code ["i-1","i-2"]}. */
final class TextList {

    private static final Pattern SHAPE =
            Pattern.compile("\\s*\\[\\s*(\"[^\"\\\\]*\"\\s*(,\\s*\"[^\"\\\\]*\"\\s*)*+)?]\\s*");
    private static final Pattern ITEM = Pattern.compile("\"([^\"\\\\]*)\"");
    private static final int LENGTH = 16_384;

    private TextList() {}

    /** Refuses what is not such an array, or has more than {@code most} items. */
    static List<String> parse(String name, String text, int most) {
        if (text.length() > LENGTH || !SHAPE.matcher(text).matches()) {
            throw Params.invalid(name);
        }
        List<String> out = new ArrayList<>();
        Matcher item = ITEM.matcher(text);
        while (item.find()) {
            out.add(item.group(1));
        }
        if (out.size() > most) {
            throw Params.invalid(name);
        }
        return out;
    }
}
