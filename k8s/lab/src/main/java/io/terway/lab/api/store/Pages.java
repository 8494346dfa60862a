package io.terway.lab.api.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.terway.lab.api.object.Refusal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rests of lists that were cut at a limit: the next page comes from the same state as the first, under the same version.
 * The oldest rest is forgotten first; its holder is told to list again.
 */
public final class Pages {

    /** Unfinished lists kept at once. */
    static final int MAX_RESTS = 64;

    private final Map<String, Rest> rests = new LinkedHashMap<>();
    private long tokens;

    /**
     * What is left of a list.
     *
     * @param version the version of the whole list
     */
    public record Rest(long version, List<ObjectNode> items) {}

    /**
     * One page.
     *
     * @param next the continue token, empty on the last page
     */
    public record Page(long version, List<ObjectNode> items, String next, int remaining) {}

    /** The first page of {@code items}; a limit of 0 is none. */
    public Page first(long version, List<ObjectNode> items, int limit) {
        return cut(new Rest(version, items), limit);
    }

    /**
     * The page a token stands for. A token may be used again, as a client does whose connection broke.
     *
     * @throws Refusal Expired when the rest was forgotten or the token is not one of this process
     */
    public Page next(String token, int limit) {
        Rest rest = rests.get(token);
        if (rest == null) {
            throw Refusal.expired("The provided continue parameter is too old to display a consistent list result."
                    + " You must start a new list without the continue parameter.");
        }
        return cut(rest, limit);
    }

    private Page cut(Rest rest, int limit) {
        if (limit <= 0 || rest.items().size() <= limit) {
            return new Page(rest.version(), rest.items(), "", 0);
        }
        String token = "v" + rest.version() + "-" + ++tokens;
        List<ObjectNode> left = rest.items().subList(limit, rest.items().size());
        rests.put(token, new Rest(rest.version(), left));
        if (rests.size() > MAX_RESTS) {
            rests.remove(rests.keySet().iterator().next());
        }
        return new Page(rest.version(), rest.items().subList(0, limit), token, left.size());
    }
}
