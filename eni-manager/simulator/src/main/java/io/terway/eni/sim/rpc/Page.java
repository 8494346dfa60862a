package io.terway.eni.sim.rpc;

import io.terway.eni.sim.refusal.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Which part of a list a call wants: by token (no total, cost grows with the page) or by number (total, cost grows with the
 * list).
 *
 * @param byToken true when the call uses MaxResults or NextToken
 * @param cursor the id after which a page by token begins, empty at the start
 */
public record Page(boolean byToken, String cursor, int number, int size) {

    /** The limits of an action's two ways of paging. */
    public record Bounds(int pageDefault, int pageMax, int resultsDefault, int resultsMin, int resultsMax) {}

    /** One page of a list, with what the answer says about the rest. */
    public record Slice<T>(List<T> items, Fields about) {}

    /** Out-of-range MaxResults are clamped, as the documentation of DescribeNetworkInterfaces says. */
    public static Page asked(Params params, Bounds bounds, String maxName) {
        Optional<String> token = params.text("NextToken");
        Optional<Integer> max = params.integer(maxName, 1, Integer.MAX_VALUE);
        if (token.isPresent() || max.isPresent()) {
            int size = Math.clamp(max.orElse(bounds.resultsDefault()), bounds.resultsMin(), bounds.resultsMax());
            return new Page(true, token.map(Page::cursor).orElse(""), 1, size);
        }
        int number = params.integer("PageNumber", 1, Integer.MAX_VALUE).orElse(1);
        int size = params.integer("PageSize", 1, bounds.pageMax()).orElse(bounds.pageDefault());
        return new Page(false, "", number, size);
    }

    /** Cuts the page from the matching items after the cursor, ordered by id. */
    public <T> Slice<T> cut(Iterator<T> matching, Function<T, String> id) {
        return byToken ? cutByToken(matching, id) : cutByNumber(matching);
    }

    private <T> Slice<T> cutByToken(Iterator<T> matching, Function<T, String> id) {
        List<T> items = new ArrayList<>();
        while (matching.hasNext() && items.size() < size) {
            items.add(matching.next());
        }
        String next = matching.hasNext() ? token(id.apply(items.getLast())) : "";
        return new Slice<>(items, Fields.of().put("NextToken", next));
    }

    private <T> Slice<T> cutByNumber(Iterator<T> matching) {
        List<T> items = new ArrayList<>();
        long first = (long) (number - 1) * size;
        long total = 0;
        for (; matching.hasNext(); total++) {
            T item = matching.next();
            if (total >= first && total < first + size) {
                items.add(item);
            }
        }
        return new Slice<>(
                items,
                Fields.of()
                        .put("TotalCount", total)
                        .put("PageNumber", number)
                        .put("PageSize", size)
                        .put("NextToken", ""));
    }

    private static String token(String cursor) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(cursor.getBytes(StandardCharsets.UTF_8));
    }

    private static String cursor(String token) {
        try {
            String cursor = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
            if (cursor.isEmpty() || !cursor.chars().allMatch(c -> c > ' ' && c <= '~') || cursor.length() > 128) {
                throw new IllegalArgumentException("not a cursor");
            }
            return cursor;
        } catch (IllegalArgumentException e) {
            throw ErrorCode.INVALID_PARAMETER.refuse("The specified parameter \"NextToken\" is not valid.");
        }
    }
}
