package io.terway.policy.compile;

import java.util.Optional;
import java.util.Set;

/**
 * A program with its id, shared by all profiles with the same rules.
 *
 * <p>Its identity is its id, which is made of the contents: replicas agree on it.
 */
public final class SharedProgram {

    private final ProgramPool.Signature signature;
    private final Program program;
    private final Set<AddressSet> sets;
    private Optional<String> id = Optional.empty();
    private int users;

    SharedProgram(ProgramPool.Signature signature, Program program) {
        this.signature = signature;
        this.program = program;
        this.sets = program.sets();
    }

    public Program program() {
        return program;
    }

    /** Made on first use: most programs of a large cluster are for nodes that other replicas serve. */
    public String id() {
        if (id.isEmpty()) {
            id = Optional.of(ProgramId.of(program));
        }
        return id.get();
    }

    Set<AddressSet> sets() {
        return sets;
    }

    ProgramPool.Signature signature() {
        return signature;
    }

    /** Counts users; the result is how many there are now. */
    int use(int more) {
        users += more;
        return users;
    }
}
