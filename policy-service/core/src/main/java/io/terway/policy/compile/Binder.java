package io.terway.policy.compile;

import io.terway.policy.ClusterPolicy;
import io.terway.policy.ClusterPolicy.Tier;
import io.terway.policy.Direction;
import io.terway.policy.NetworkPolicy;
import io.terway.policy.PolicyId;
import io.terway.policy.PolicyPod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds the policies that bind a profile and puts their rules together, when somebody asks. */
final class Binder {

    private static final Comparator<CompiledPolicy> BY_ID =
            Comparator.comparing(policy -> policy.policy().id());

    private final Profiles profiles;
    private final ProgramPool pool;
    private final SelectorIndex<CompiledPolicy> subjects = new SelectorIndex<>();

    Binder(Profiles profiles, ProgramPool pool) {
        this.profiles = profiles;
        this.pool = pool;
    }

    void add(CompiledPolicy policy) {
        subjects.add(policy.policy().subject(), policy);
    }

    void remove(CompiledPolicy policy) {
        subjects.remove(policy.policy().subject(), policy);
    }

    /** What binds the profile has changed, or it is gone. */
    void forget(Profile profile) {
        profile.programs().ifPresent(programs -> {
            pool.release(programs.ingress());
            pool.release(programs.egress());
        });
        profile.programs(Optional.empty());
    }

    Profile.Programs programs(Profile profile) {
        Optional<Profile.Programs> known = profile.programs();
        if (known.isPresent()) {
            return known.get();
        }
        Profiles.Space space = profiles.space(profile.key().namespace());
        List<CompiledPolicy> binding = new ArrayList<>();
        subjects.matching(space.name(), space.labels(), profile.key().labels(), binding::add);
        binding.sort(BY_ID);
        var programs = new Profile.Programs(
                program(Direction.INGRESS, binding, profile), program(Direction.EGRESS, binding, profile));
        profile.programs(Optional.of(programs));
        return programs;
    }

    private Optional<SharedProgram> program(Direction direction, List<CompiledPolicy> binding, Profile profile) {
        List<CompiledPolicy> speaking =
                binding.stream().filter(policy -> speaks(policy, direction)).toList();
        if (speaking.isEmpty()) {
            return Optional.empty();
        }
        boolean byPorts = speaking.stream().anyMatch(policy -> policy.asksForPorts(direction));
        List<PolicyPod.NamedPort> ports = byPorts ? profile.key().ports() : List.of();
        return Optional.of(pool.acquire(
                new ProgramPool.Signature(direction, speaking, ports), () -> make(direction, speaking, ports)));
    }

    private static boolean speaks(CompiledPolicy policy, Direction direction) {
        return switch (policy.policy()) {
            case NetworkPolicy network -> network.rules(direction).isPresent();
            case ClusterPolicy cluster -> !cluster.rules(direction).isEmpty();
        };
    }

    private static Program make(Direction direction, List<CompiledPolicy> speaking, List<PolicyPod.NamedPort> ports) {
        List<PolicyId> isolating = new ArrayList<>();
        List<Program.Rule> rules = new ArrayList<>();
        for (CompiledPolicy policy : speaking) {
            if (policy.policy() instanceof NetworkPolicy network) {
                isolating.add(network.id());
                rules.addAll(policy.rules(direction, ports));
            }
        }
        // A rule without HTTP makes those with it void: it must be met first.
        rules.sort(Comparator.comparing(rule -> !rule.http().isEmpty()));
        boolean isolated = !isolating.isEmpty();
        return new Program(
                direction,
                isolating,
                isolated,
                tier(Tier.ADMIN, direction, speaking, ports),
                rules,
                isolated ? List.of() : tier(Tier.BASELINE, direction, speaking, ports));
    }

    private static List<Program.Rule> tier(
            Tier tier, Direction direction, List<CompiledPolicy> speaking, List<PolicyPod.NamedPort> ports) {
        return speaking.stream()
                .filter(policy -> policy.policy() instanceof ClusterPolicy cluster && cluster.tier() == tier)
                .sorted(Comparator.comparing(policy -> (ClusterPolicy) policy.policy(), ClusterPolicy.ORDER))
                .flatMap(policy -> policy.rules(direction, ports).stream())
                .toList();
    }
}
