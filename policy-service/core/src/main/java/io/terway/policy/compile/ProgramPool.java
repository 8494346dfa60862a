package io.terway.policy.compile;

import io.terway.policy.Direction;
import io.terway.policy.PolicyPod;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Makes each program once and forgets it with its last user. */
final class ProgramPool {

    private final Map<Signature, SharedProgram> programs = new HashMap<>();

    /**
     * What a program is made of.
     *
     * @param policies that bind, in order; compared as objects, a changed policy is another one
     * @param ports named ports of the subject, if any of the policies asks for them; else empty
     */
    record Signature(Direction direction, List<CompiledPolicy> policies, List<PolicyPod.NamedPort> ports) {}

    SharedProgram acquire(Signature signature, Supplier<Program> make) {
        SharedProgram shared = programs.computeIfAbsent(signature, key -> new SharedProgram(key, make.get()));
        shared.use(1);
        return shared;
    }

    void release(Optional<SharedProgram> program) {
        program.filter(shared -> shared.use(-1) == 0).ifPresent(shared -> programs.remove(shared.signature()));
    }

    int size() {
        return programs.size();
    }
}
