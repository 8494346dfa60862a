package io.terway.node.policy;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One change to our table, and the command that makes it. */
public sealed interface TableOp {

    /** Elements a command line names; longer lists take several. */
    int ELEMENTS_PER_LINE = 500;

    /** In nft's syntax, one or more lines. */
    String text();

    /** What it costs, in elements and rules. */
    default int weight() {
        return 1;
    }

    /** Also when it exists. */
    record AddTable() implements TableOp {
        @Override
        public String text() {
            return "add table " + NftTable.NAME;
        }
    }

    /** With all that is in it; the table must exist. */
    record DeleteTable() implements TableOp {
        @Override
        public String text() {
            return "delete table " + NftTable.NAME;
        }
    }

    /** Without elements. */
    record AddSet(NftSet set) implements TableOp {
        @Override
        public String text() {
            return "add " + set.keyword() + " " + NftTable.NAME + " " + set.name() + " { " + set.definition() + " }";
        }
    }

    record DeleteSet(NftSet set) implements TableOp {
        @Override
        public String text() {
            return "delete " + set.keyword() + " " + NftTable.NAME + " " + set.name();
        }
    }

    /** Takes every element out. */
    record FlushSet(String name) implements TableOp {
        @Override
        public String text() {
            return "flush set " + NftTable.NAME + " " + name;
        }
    }

    record AddElements(String set, Map<String, String> elements) implements TableOp {
        public AddElements {
            elements = Map.copyOf(elements);
        }

        @Override
        public String text() {
            return lines("add", set, elements);
        }

        @Override
        public int weight() {
            return elements.size();
        }
    }

    record DeleteElements(String set, Map<String, String> elements) implements TableOp {
        public DeleteElements {
            elements = Map.copyOf(elements);
        }

        @Override
        public String text() {
            return lines("delete", set, elements);
        }

        @Override
        public int weight() {
            return elements.size();
        }
    }

    /** Without rules. */
    record AddChain(String name, String hook) implements TableOp {
        @Override
        public String text() {
            String base = hook.isEmpty() ? "" : " { " + hook + " }";
            return "add chain " + NftTable.NAME + " " + name + base;
        }
    }

    record FlushChain(String name) implements TableOp {
        @Override
        public String text() {
            return "flush chain " + NftTable.NAME + " " + name;
        }
    }

    record AddRules(String chain, List<NftRule> rules) implements TableOp {
        public AddRules {
            rules = List.copyOf(rules);
        }

        @Override
        public String text() {
            return rules.stream()
                    .map(rule -> "add rule " + NftTable.NAME + " " + chain + " " + rule.text() + " comment \""
                            + rule.comment() + "\"")
                    .collect(Collectors.joining("\n"));
        }

        @Override
        public int weight() {
            return rules.size();
        }
    }

    /** The chain must be empty, and nothing may lead to it. */
    record DeleteChain(String name) implements TableOp {
        @Override
        public String text() {
            return "delete chain " + NftTable.NAME + " " + name;
        }
    }

    private static String lines(String verb, String set, Map<String, String> elements) {
        List<String> words = elements.entrySet().stream()
                .map(e -> e.getValue().equals(NftSet.MEMBER) ? e.getKey() : e.getKey() + " : " + e.getValue())
                .sorted()
                .toList();
        StringBuilder out = new StringBuilder();
        for (int from = 0; from < words.size(); from += ELEMENTS_PER_LINE) {
            List<String> part = words.subList(from, Math.min(words.size(), from + ELEMENTS_PER_LINE));
            out.append(out.isEmpty() ? "" : "\n")
                    .append(verb)
                    .append(" element ")
                    .append(NftTable.NAME)
                    .append(' ')
                    .append(set)
                    .append(" { ")
                    .append(String.join(", ", part))
                    .append(" }");
        }
        return out.toString();
    }
}
