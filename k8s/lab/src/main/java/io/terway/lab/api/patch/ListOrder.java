package io.terway.lab.api.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Puts a merged list into the order a {@code $setElementOrder} directive names; elements it does not name go last. */
final class ListOrder {

    private ListOrder() {}

    static void apply(JsonNode list, JsonNode order, ListKeys.Merge how) {
        if (!(list instanceof ArrayNode array)) {
            return;
        }
        List<JsonNode> items = new ArrayList<>();
        array.forEach(items::add);
        items.sort(Comparator.comparingInt(item -> position(item, order, how)));
        array.removeAll();
        array.addAll(items);
    }

    private static int position(JsonNode item, JsonNode order, ListKeys.Merge how) {
        for (int i = 0; i < order.size(); i++) {
            boolean same = switch (how) {
                case ListKeys.Merge.Keyed keyed ->
                    item.path(keyed.first()).equals(order.get(i).path(keyed.first()));
                case ListKeys.Merge.Values values -> item.equals(order.get(i));
                case ListKeys.Merge.Atomic atomic -> false;
            };
            if (same) {
                return i;
            }
        }
        return Integer.MAX_VALUE;
    }
}
