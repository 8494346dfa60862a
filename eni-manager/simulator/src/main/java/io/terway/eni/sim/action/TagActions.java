package io.terway.eni.sim.action;

import io.terway.eni.sim.cloud.Cloud;
import io.terway.eni.sim.ecs.Eni;
import io.terway.eni.sim.ecs.Instance;
import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Page;
import io.terway.eni.sim.rpc.Params;
import io.terway.eni.sim.vpc.SecurityGroup;
import io.terway.net.EniId;
import io.terway.net.InstanceId;
import io.terway.net.SecurityGroupId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Tags of ENIs, instances and security groups. */
final class TagActions {

    private static final Page.Bounds BOUNDS = new Page.Bounds(50, 50, 50, 1, 50);
    private static final int RESOURCES = 50;

    private TagActions() {}

    private record Tagged(String id, String key, String value) {}

    static List<Action> all() {
        return List.of(
                Action.change("TagResources", TagActions::tag),
                Action.change("UntagResources", TagActions::untag),
                Action.read("ListTagResources", TagActions::list));
    }

    private static Fields tag(Call call) {
        Map<String, String> added = Tags.asked(call.params());
        if (added.isEmpty()) {
            throw Params.missing("Tag.1.Key");
        }
        changeEach(call, tags -> {
            Map<String, String> merged = new HashMap<>(tags);
            merged.putAll(added);
            if (merged.size() > Tags.LIMIT) {
                throw ErrorCode.TAG_QUOTA.refuse("A resource has at most %d tags.", Tags.LIMIT);
            }
            return merged;
        });
        return Fields.of();
    }

    private static Fields untag(Call call) {
        List<String> keys = call.params().list("TagKey", Tags.LIMIT, t -> t);
        boolean all = call.params().bool("All").orElse(false) && keys.isEmpty();
        if (keys.isEmpty() && !all) {
            throw Params.missing("TagKey");
        }
        changeEach(call, tags -> {
            Map<String, String> left = new HashMap<>(tags);
            left.keySet().removeIf(key -> all || keys.contains(key));
            return left;
        });
        return Fields.of();
    }

    /** Computes every resource's new tags before it writes the first. */
    private static void changeEach(Call call, UnaryOperator<Map<String, String>> change) {
        String type = call.params().required("ResourceType");
        Map<String, Map<String, String>> changed = new HashMap<>();
        for (String id : resources(call.params())) {
            Map<String, String> tags = tagsOf(call.cloud(), type, id)
                    .orElseThrow(() -> ErrorCode.RESOURCE_NOT_FOUND.refuse("The %s %s does not exist.", type, id));
            changed.put(id, change.apply(tags));
        }
        changed.forEach((id, tags) -> call.cloud().retag(type, id, tags));
    }

    private static List<String> resources(Params params) {
        List<String> ids = params.list("ResourceId", Integer.MAX_VALUE, t -> t);
        if (ids.isEmpty()) {
            throw Params.missing("ResourceId.1");
        }
        if (ids.size() > RESOURCES) {
            throw ErrorCode.RESOURCE_COUNT.refuse("At most %d resources fit into a call.", RESOURCES);
        }
        return ids;
    }

    private static Optional<Map<String, String>> tagsOf(Cloud cloud, String type, String id) {
        try {
            return switch (type.toLowerCase(java.util.Locale.ROOT)) {
                case "eni" ->
                    cloud.enis().find(new EniId(id)).map(e -> e.labels().tags());
                case "instance" -> cloud.instances().find(new InstanceId(id)).map(Instance::tags);
                case "securitygroup" ->
                    cloud.groups().find(new SecurityGroupId(id)).map(SecurityGroup::tags);
                default -> throw ErrorCode.RESOURCE_TYPE.refuse("The resource type %s does not exist.", type);
            };
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Fields list(Call call) {
        Params params = call.params();
        String type = params.required("ResourceType");
        List<String> ids = params.list("ResourceId", RESOURCES, t -> t);
        List<Tagged> found = new ArrayList<>();
        for (String id : ids.isEmpty()
                ? allOf(call.cloud(), type)
                : ids.stream().sorted().toList()) {
            Map<String, String> tags = tagsOf(call.cloud(), type, id).orElse(Map.of());
            if (Tags.match(params, tags)) {
                tags.forEach((key, value) -> found.add(new Tagged(id, key, value)));
            }
        }
        Page asked = Page.asked(params, BOUNDS, "MaxResults");
        Page page = new Page(true, asked.cursor(), 1, asked.size());
        int from = asked.cursor().isEmpty()
                ? 0
                : params.value("NextToken", t -> position(asked.cursor())).orElse(0);
        List<Tagged> rest = found.subList(Math.min(from, found.size()), found.size());
        Page.Slice<Tagged> slice = page.cut(rest.iterator(), t -> String.valueOf(from + rest.indexOf(t) + 1));
        return slice.about()
                .list(
                        "TagResources",
                        "TagResource",
                        slice.items(),
                        t -> Fields.of()
                                .put("ResourceId", t.id())
                                .put("ResourceType", type)
                                .put("TagKey", t.key())
                                .put("TagValue", t.value()));
    }

    private static int position(String cursor) {
        return Integer.parseUnsignedInt(cursor);
    }

    private static List<String> allOf(Cloud cloud, String type) {
        return switch (type.toLowerCase(java.util.Locale.ROOT)) {
            case "eni" ->
                cloud.enis().all().stream().map(Eni::id).map(EniId::value).toList();
            case "instance" ->
                cloud.instances().all().stream().map(i -> i.id().value()).toList();
            case "securitygroup" ->
                cloud.groups().all().stream().map(g -> g.id().value()).toList();
            default -> throw ErrorCode.RESOURCE_TYPE.refuse("The resource type %s does not exist.", type);
        };
    }
}
