package io.terway.policy.compile;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Addresses that rules of many programs share. It holds profiles, not addresses, so that its size is that of its
 * selector's reach; changes are kept for a while, so that a reader who saw a version gets the difference.
 */
public final class AddressSet {

    /** Changes kept; a reader who is further behind gets the whole set. */
    static final int LOG_LIMIT = 4_096;

    private record Change(Element element, boolean added) {}

    private final SetKey key;
    private final String id;
    private final Set<Profile> members = new LinkedHashSet<>();
    private final Set<NodeView> readers = new LinkedHashSet<>();
    private final Deque<Change> log = new ArrayDeque<>();
    private long version;
    private Optional<List<Element>> whole = Optional.empty();
    private int users;

    AddressSet(SetKey key) {
        this.key = key;
        this.id = ProgramId.digest(key.meaning());
    }

    public SetKey key() {
        return key;
    }

    /** Made of the meaning, so the same everywhere. */
    public String id() {
        return id;
    }

    Set<Profile> members() {
        return members;
    }

    long version() {
        return version;
    }

    void attach(NodeView reader) {
        readers.add(reader);
    }

    void detach(NodeView reader) {
        readers.remove(reader);
        if (readers.isEmpty()) {
            log.clear();
            whole = Optional.empty();
        }
    }

    /** Counts policies that use it; the result is how many there are now. */
    int use(int more) {
        users += more;
        return users;
    }

    /** Notes one change for those who read along. */
    void changed(Element element, boolean added) {
        version++;
        whole = Optional.empty();
        if (readers.isEmpty()) {
            return;
        }
        log.addLast(new Change(element, added));
        if (log.size() > LOG_LIMIT) {
            log.removeFirst();
        }
        readers.forEach(reader -> reader.touched(this));
    }

    /** All elements, put together once for all who need them before the next change. */
    List<Element> whole(Supplier<Set<Element>> elements) {
        if (whole.isEmpty()) {
            whole = Optional.of(List.copyOf(elements.get()));
        }
        return whole.get();
    }

    /** True when the changes since then are all still known. */
    boolean remembers(long since) {
        return version - since <= log.size();
    }

    /**
     * What is different from that version: true means the element is in now and was not, false the contrary.
     *
     * @param holds whether an element is in the set now
     */
    Map<Element, Boolean> since(long then, Predicate<Element> holds) {
        Map<Element, Boolean> first = new LinkedHashMap<>();
        recent(version - then).forEach(change -> first.putIfAbsent(change.element(), change.added()));
        // The first change of an element tells what it was before: added means it was not in.
        first.entrySet().removeIf(entry -> entry.getValue() != holds.test(entry.getKey()));
        return first;
    }

    private Stream<Change> recent(long count) {
        return log.stream().skip(log.size() - count);
    }
}
