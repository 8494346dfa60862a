package io.terway.eni.sim.action;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.AccessKeys;
import io.terway.eni.sim.rpc.Params;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Every action, found by API version and name: ECS, VPC and STS share one port. */
public final class Actions {

    private static final String ECS = "2014-05-26";
    private static final String VPC = "2016-04-28";
    private static final String STS = "2015-04-01";

    private static final Set<String> REGION_OPTIONAL = Set.of(
            "DescribeRegions",
            "DescribeInstanceAttribute",
            "DescribeInstanceTypes",
            "DescribeVSwitches",
            "AssumeRole",
            StsActions.BY_OIDC,
            "GetCallerIdentity");

    private final Map<String, Map<String, Action>> byVersion = new HashMap<>();

    /** @param keys where the keys go that STS hands out */
    public Actions(AccessKeys keys) {
        add(ECS, EniActions.all());
        add(ECS, EniQueries.all());
        add(ECS, AddressActions.all());
        add(ECS, InstanceActions.all());
        add(ECS, GroupActions.all());
        add(ECS, RuleActions.all());
        add(ECS, TagActions.all());
        add(ECS, VpcQueries.all());
        add(VPC, VpcQueries.all());
        add(VPC, RouteActions.all());
        add(STS, StsActions.all(keys));
    }

    /** True for the one action whose caller has no key yet. */
    public boolean unsigned(Params params) {
        return params.text("Version", "").equals(STS)
                && params.text("Action", "").equals(StsActions.BY_OIDC);
    }

    /** The action a call names; most calls also name the region. */
    public Action find(Params params, String region) {
        Action action =
                byVersion.getOrDefault(params.text("Version", ""), Map.of()).get(params.text("Action", ""));
        if (action == null) {
            throw ErrorCode.INVALID_PARAMETER.refuse("The specified parameter \"Action or Version\" is not valid.");
        }
        String asked = params.text("RegionId").orElse(REGION_OPTIONAL.contains(action.name()) ? region : "");
        if (asked.isEmpty()) {
            throw Params.missing("RegionId");
        }
        if (!asked.equals(region) && !action.name().equals("DescribeRegions")) {
            throw ErrorCode.REGION_NOT_FOUND.refuse(
                    "The specified RegionId does not exist; this twin serves %s.", region);
        }
        return action;
    }

    private void add(String version, List<Action> actions) {
        Map<String, Action> byName = byVersion.computeIfAbsent(version, k -> new HashMap<>());
        actions.forEach(a -> byName.put(a.name(), a));
    }
}
