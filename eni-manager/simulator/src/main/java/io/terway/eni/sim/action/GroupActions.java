package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Page;
import io.terway.eni.sim.rpc.Params;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.eni.sim.vpc.VpcId;
import io.terway.net.SecurityGroupId;
import java.util.List;
import java.util.Optional;

/** Security groups as objects; their rules are in {@link RuleActions}. */
final class GroupActions {

    private static final Page.Bounds BOUNDS = new Page.Bounds(10, 50, 10, 1, 100);

    private GroupActions() {}

    static List<Action> all() {
        return List.of(
                Action.tokenChange("CreateSecurityGroup", GroupActions::create),
                Action.change("DeleteSecurityGroup", GroupActions::delete),
                Action.change("ModifySecurityGroupAttribute", GroupActions::rename),
                Action.tokenChange("ModifySecurityGroupPolicy", GroupActions::innerAccess),
                Action.read("DescribeSecurityGroups", GroupActions::describe));
    }

    private static Fields create(Call call) {
        Params params = call.params();
        VpcId vpc = params.requiredValue("VpcId", VpcId::new);
        if (call.cloud().network().vpc(vpc).isEmpty()) {
            throw ErrorCode.VPC_NOT_FOUND.refuse("The VPC %s does not exist.", vpc);
        }
        SecurityGroup.Kind kind = switch (params.text("SecurityGroupType", "normal")) {
            case "normal" -> SecurityGroup.Kind.NORMAL;
            case "enterprise" -> SecurityGroup.Kind.ENTERPRISE;
            default -> throw Params.invalid("SecurityGroupType");
        };
        SecurityGroup group = new SecurityGroup(
                new SecurityGroupId(call.cloud().ids().next("sg-bp1")),
                name(params).orElse(""),
                params.text("Description", ""),
                vpc,
                kind,
                kind == SecurityGroup.Kind.NORMAL,
                List.of(),
                Tags.asked(params),
                call.now());
        call.cloud().groups().put(group);
        return Fields.of().put("SecurityGroupId", group.id().value());
    }

    private static Optional<String> name(Params params) {
        return params.text("SecurityGroupName").map(name -> {
            if (name.length() < 2 || name.length() > 128 || name.startsWith("http")) {
                throw ErrorCode.GROUP_NAME.refuse("The specified parameter \"SecurityGroupName\" is not valid.");
            }
            return name;
        });
    }

    private static Fields delete(Call call) {
        call.cloud().groups().delete(groupId(call.params()));
        return Fields.of();
    }

    private static Fields rename(Call call) {
        SecurityGroup group = group(call);
        call.cloud()
                .groups()
                .put(group.withNames(
                        name(call.params()).orElse(group.name()),
                        call.params().text("Description", group.description())));
        return Fields.of();
    }

    private static Fields innerAccess(Call call) {
        SecurityGroup group = group(call);
        boolean accept = switch (call.params().required("InnerAccessPolicy").toLowerCase(java.util.Locale.ROOT)) {
            case "accept" -> true;
            case "drop" -> false;
            default -> throw Params.invalid("InnerAccessPolicy");
        };
        if (group.kind() == SecurityGroup.Kind.ENTERPRISE) {
            throw Params.invalid("SecurityGroupId");
        }
        call.cloud().groups().put(group.withInnerAccept(accept));
        return Fields.of();
    }

    private static Fields describe(Call call) {
        Params params = call.params();
        Cloud cloud = call.cloud();
        Optional<List<String>> ids =
                params.text("SecurityGroupIds").map(t -> TextList.parse("SecurityGroupIds", t, 100));
        Page page = Page.asked(params, BOUNDS, "MaxResults");
        Page.Slice<SecurityGroup> slice = page.cut(
                cloud.groups().all().stream()
                        .filter(g -> g.id().value().compareTo(page.cursor()) > 0)
                        .filter(g -> ids.map(list -> list.contains(g.id().value()))
                                        .orElse(true)
                                && VpcQueries.is(params, "SecurityGroupId", g.id().value())
                                && VpcQueries.is(params, "VpcId", g.vpc().value())
                                && VpcQueries.is(params, "SecurityGroupName", g.name())
                                && VpcQueries.is(
                                        params, "SecurityGroupType", g.kind().wireName())
                                && Tags.match(params, g.tags()))
                        .iterator(),
                g -> g.id().value());
        if (params.bool("DryRun").orElse(false)) {
            throw ErrorCode.DRY_RUN.refuse("Request validation has been passed with DryRun flag set.");
        }
        return slice.about()
                .put("RegionId", cloud.region())
                .list("SecurityGroups", "SecurityGroup", slice.items(), g -> described(cloud, g));
    }

    private static Fields described(Cloud cloud, SecurityGroup group) {
        int used = group.kind() == SecurityGroup.Kind.NORMAL
                ? cloud.enis().addressesIn(group.id())
                : cloud.enis().in(group.id()).size();
        return Fields.of()
                .put("SecurityGroupId", group.id().value())
                .put("SecurityGroupName", group.name())
                .put("SecurityGroupType", group.kind().wireName())
                .put("VpcId", group.vpc().value())
                .put("Description", group.description())
                .put("CreationTime", EniFields.seconds(group.created()))
                .put("AvailableInstanceAmount", group.kind().capacity() - used)
                .put("ServiceManaged", false)
                .merge(Tags.ecs(group.tags()));
    }

    static SecurityGroup group(Call call) {
        return call.cloud().groups().get(groupId(call.params()));
    }

    private static SecurityGroupId groupId(Params params) {
        return params.requiredValue("SecurityGroupId", SecurityGroupId::new);
    }
}
