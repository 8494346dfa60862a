package io.terway.ipam;

/**
 * How the ENI slots of an instance are spent.
 *
 * @param trunk one of them is a trunk also where the mode does not need it
 * @param preferTrunk in ENIIP mode pods that ask for an ENI of their own get a member ENI first; false: a full ENI first
 * @param mostMembers member ENIs used at most; 0: the instance's limit
 * @param mostEnis secondary ENIs used at most; 0: the instance's limit
 * @param capRatio share of the instance's ENIs that are ours to use
 * @param capShift ENIs added to that share; negative to leave some to others
 * @param prefixes addresses come in /28 and /80 blocks
 * @param ownEniRequired false: a pod that asks for an ENI of its own, without security groups, shares one when no slot is
 *     left
 */
public record EniUse(
        boolean trunk,
        boolean preferTrunk,
        int mostMembers,
        int mostEnis,
        double capRatio,
        int capShift,
        boolean prefixes,
        boolean ownEniRequired) {

    static final EniUse DEFAULTS = new EniUse(false, true, 0, 0, 1, 0, false, true);

    /** What is left of an instance's limits. */
    InstanceLimits of(InstanceLimits limits) {
        int enis = Math.clamp((int) (limits.enis() * capRatio) + capShift, 0, limits.enis());
        enis = mostEnis > 0 ? Math.min(enis, mostEnis + 1) : enis; // the primary one is not counted by max_eni
        int members = mostMembers > 0 ? Math.min(mostMembers, limits.members()) : limits.members();
        return new InstanceLimits(enis, limits.ipv4PerEni(), limits.ipv6PerEni(), enis + members, limits.trunk());
    }
}
