package io.terway.eni.sim.action;

import io.terway.eni.sim.refusal.ErrorCode;
import io.terway.eni.sim.rpc.Fields;
import io.terway.eni.sim.rpc.Params;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Tags as parameters and as fields. */
final class Tags {

    static final int LIMIT = 20;
    private static final int LENGTH = 128;

    private Tags() {}

    /** {@code Tag.N.Key} and {@code Tag.N.Value} of a call that sets tags. */
    static Map<String, String> asked(Params params) {
        Map<String, String> out = new TreeMap<>();
        for (Params tag : params.structs("Tag", Integer.MAX_VALUE)) {
            String key = tag.text("Key", "");
            String value = tag.text("Value", "");
            requireKey(key);
            if (value.length() > LENGTH || value.contains("http://") || value.contains("https://")) {
                throw ErrorCode.TAG_VALUE.refuse("The tag value of \"%s\" is not valid.", key);
            }
            if (out.put(key, value) != null) {
                throw ErrorCode.TAG_DUPLICATE.refuse("The tag key \"%s\" is repeated.", key);
            }
        }
        if (out.size() > LIMIT) {
            throw ErrorCode.TAG_QUOTA.refuse("A resource has at most %d tags.", LIMIT);
        }
        return out;
    }

    /** A filter: every key must be there, with the value if one is given. */
    static Predicate<Map<String, String>> filter(Params params) {
        List<Params> wanted = params.structs("Tag", LIMIT);
        return tags -> wanted.stream().allMatch(tag -> {
            String key = tag.text("Key", "");
            return tags.containsKey(key)
                    && tag.text("Value").map(v -> v.equals(tags.get(key))).orElse(true);
        });
    }

    static boolean match(Params params, Map<String, String> tags) {
        return filter(params).test(tags);
    }

    /** As ECS writes tags; the VPC product spells the members otherwise. */
    static Fields ecs(Map<String, String> tags) {
        return Fields.of()
                .list(
                        "Tags",
                        "Tag",
                        new TreeMap<>(tags).entrySet(),
                        t -> Fields.of().put("TagKey", t.getKey()).put("TagValue", t.getValue()));
    }

    private static void requireKey(String key) {
        String low = key.toLowerCase(Locale.ROOT);
        boolean reserved = low.startsWith("acs:")
                || low.startsWith("aliyun")
                || low.contains("http://")
                || low.contains("https://");
        if (key.isEmpty() || key.length() > LENGTH || reserved) {
            throw ErrorCode.TAG_KEY.refuse("The tag key \"%s\" is not valid.", key);
        }
    }
}
