package io.terway.policy.read;

import io.terway.policy.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads label selectors as strictly as the API does. */
final class Selectors {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?");
    private static final Pattern PREFIX =
            Pattern.compile("(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

    private Selectors() {}

    /** A missing selector reads as the empty one, which matches everything. */
    static Selector read(Field selector) {
        selector.only("matchLabels", "matchExpressions");
        Field labels = selector.get("matchLabels");
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String key : labels.map().keySet()) {
            Field pair = labels.get(key);
            pairs.put(key(pair, key), value(pair, pair.text()));
        }
        List<Selector.Requirement> requirements = new ArrayList<>();
        for (Field expression : selector.get("matchExpressions").list()) {
            requirements.add(requirement(expression));
        }
        return new Selector(pairs, requirements);
    }

    private static Selector.Requirement requirement(Field expression) {
        expression.only("key", "operator", "values");
        String key = key(expression.get("key"), expression.get("key").required());
        Set<String> values = new LinkedHashSet<>();
        for (Field value : expression.get("values").list()) {
            values.add(value(value, value.text()));
        }
        Field operator = expression.get("operator");
        return switch (operator.text()) {
            case "In" -> expression.as(_ -> new Selector.Requirement.In(key, values));
            case "NotIn" -> expression.as(_ -> new Selector.Requirement.NotIn(key, values));
            case "Exists" -> withoutValues(expression, values, new Selector.Requirement.Exists(key));
            case "DoesNotExist" -> withoutValues(expression, values, new Selector.Requirement.DoesNotExist(key));
            default ->
                throw new Unreadable(operator, "'" + operator.text() + "' is none of In, NotIn, Exists, DoesNotExist");
        };
    }

    private static Selector.Requirement withoutValues(
            Field expression, Set<String> values, Selector.Requirement requirement) {
        if (!values.isEmpty()) {
            throw new Unreadable(expression.get("values"), "this operator takes no values");
        }
        return requirement;
    }

    private static String key(Field at, String key) {
        int slash = key.indexOf('/');
        boolean prefixed = slash < 0 || PREFIX.matcher(key.substring(0, slash)).matches();
        if (!prefixed || !NAME.matcher(key.substring(slash + 1)).matches()) {
            throw new Unreadable(at, "'" + key + "' is not a label key");
        }
        return key;
    }

    private static String value(Field at, String value) {
        if (!value.isEmpty() && !NAME.matcher(value).matches()) {
            throw new Unreadable(at, "'" + value + "' is not a label value");
        }
        return value;
    }
}
