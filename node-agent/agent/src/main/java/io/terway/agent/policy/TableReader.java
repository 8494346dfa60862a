package io.terway.agent.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.terway.node.policy.NftChain;
import io.terway.node.policy.NftRule;
import io.terway.node.policy.NftSet;
import io.terway.node.policy.NftTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads nft's JSON of a table back into what the planner compares. Of rules only the comments count. */
final class TableReader {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Port numbers have 16 bits; nft may write a range of them as a prefix. */
    private static final int PORT_BITS = 16;

    private final Map<String, NftSet> sets = new HashMap<>();
    private final Map<String, String> hooks = new HashMap<>();
    private final Map<String, List<NftRule>> rules = new HashMap<>();

    private TableReader() {}

    static NftTable read(String json) {
        TableReader reader = new TableReader();
        try {
            for (JsonNode object : JSON.readTree(json).path("nftables")) {
                reader.object(object);
            }
        } catch (JsonProcessingException e) {
            throw new PolicyFailure("nftables cannot be read: " + e.getOriginalMessage());
        }
        Map<String, NftChain> chains = new HashMap<>();
        reader.hooks.forEach((name, hook) ->
                chains.put(name, new NftChain(name, hook, reader.rules.getOrDefault(name, List.of()))));
        return new NftTable(reader.sets, chains);
    }

    private void object(JsonNode object) {
        if (object.has("chain")) {
            JsonNode chain = object.get("chain");
            hooks.put(chain.path("name").asText(), hook(chain));
        } else if (object.has("rule")) {
            JsonNode rule = object.get("rule");
            rules.computeIfAbsent(rule.path("chain").asText(), _ -> new ArrayList<>())
                    .add(NftRule.observed(rule.path("comment").asText("")));
        } else if (object.has("set")) {
            set(object.get("set"), false);
        } else if (object.has("map")) {
            set(object.get("map"), true);
        }
    }

    private static String hook(JsonNode chain) {
        if (!chain.has("hook")) {
            return "";
        }
        return "type " + chain.path("type").asText() + " hook "
                + chain.path("hook").asText() + " priority "
                + chain.path("prio").asInt() + "; policy "
                + chain.path("policy").asText() + ";";
    }

    private void set(JsonNode set, boolean verdicts) {
        Map<String, String> elements = new HashMap<>();
        for (JsonNode element : set.path("elem")) {
            if (verdicts) {
                elements.put(key(element.path(0)), verdict(element.path(1)));
            } else {
                elements.put(key(element), NftSet.MEMBER);
            }
        }
        boolean interval = false;
        boolean learned = false;
        for (JsonNode flag : set.path("flags")) {
            interval |= flag.asText().equals("interval");
            learned |= flag.asText().equals("timeout"); // nft's JSON has no word for dynamic
        }
        String name = set.path("name").asText();
        sets.put(
                name,
                new NftSet(name, type(set.path("type")), verdicts, interval, learned, learned ? Map.of() : elements));
    }

    private static String type(JsonNode type) {
        if (!type.isArray()) {
            return type.asText();
        }
        List<String> words = new ArrayList<>();
        type.forEach(word -> words.add(word.asText()));
        return String.join(" . ", words);
    }

    private static String key(JsonNode key) {
        if (key.has("elem")) { // with a counter or timeout: not of ours
            return key(key.path("elem").path("val"));
        }
        if (key.has("concat")) {
            List<String> parts = new ArrayList<>();
            key.get("concat").forEach(part -> parts.add(key(part)));
            return String.join(" . ", parts);
        }
        if (key.has("range")) {
            return key.path("range").path(0).asText() + "-"
                    + key.path("range").path(1).asText();
        }
        if (key.has("prefix")) {
            JsonNode address = key.path("prefix").path("addr");
            int length = key.path("prefix").path("len").asInt();
            if (address.isInt()) {
                int first = address.asInt();
                return first + "-" + (first + (1 << PORT_BITS - length) - 1);
            }
            return address.asText() + "/" + length;
        }
        return key.asText();
    }

    private static String verdict(JsonNode verdict) {
        String word = verdict.fieldNames().hasNext() ? verdict.fieldNames().next() : "";
        return word + " " + verdict.path(word).path("target").asText();
    }
}
