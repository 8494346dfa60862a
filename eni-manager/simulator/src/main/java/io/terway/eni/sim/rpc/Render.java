package io.terway.eni.sim.rpc;

import java.util.List;

/**
 * Writes answers as JSON or XML. JSON escapes only what it must and never writes {@code \}{@code u} for printable text,
 * because the Java SDK's reader does not decode it; whole numbers have no fraction, because it cannot read one.
 */
public enum Render {
    JSON("application/json;charset=utf-8"),
    XML("text/xml;charset=utf-8");

    private final String contentType;

    Render(String contentType) {
        this.contentType = contentType;
    }

    public String contentType() {
        return contentType;
    }

    /** The format a call asks for; XML when it says nothing, as the documentation has it. */
    public static Render asked(Params params) {
        return params.text("Format").filter("JSON"::equalsIgnoreCase).isPresent() ? JSON : XML;
    }

    /** @param root the XML root element */
    public String write(String root, Fields fields) {
        StringBuilder out = new StringBuilder(1024);
        switch (this) {
            case JSON -> json(out, fields);
            case XML -> {
                out.append("<?xml version='1.0' encoding='UTF-8'?>");
                xml(out, root, fields);
            }
        }
        return out.toString();
    }

    private static void json(StringBuilder out, Object value) {
        switch (value) {
            case Fields fields -> {
                out.append('{');
                int begin = out.length();
                fields.forEach((name, inner) -> {
                    if (out.length() > begin) {
                        out.append(',');
                    }
                    jsonText(out, name);
                    out.append(':');
                    json(out, inner);
                });
                out.append('}');
            }
            case List<?> list -> {
                out.append('[');
                for (int i = 0; i < list.size(); i++) {
                    out.append(i == 0 ? "" : ",");
                    json(out, list.get(i));
                }
                out.append(']');
            }
            case String text -> jsonText(out, text);
            default -> out.append(value);
        }
    }

    private static void jsonText(StringBuilder out, String text) {
        out.append('"');
        if (isPlain(text)) {
            out.append(text);
        } else {
            jsonEscaped(out, text);
        }
        out.append('"');
    }

    /** True of nearly every text: it is written as it is, in one go. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    private static void jsonEscaped(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ') {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(Character.isSurrogate(c) && !paired(text, i) ? '\ufffd' : c);
                    }
                }
            }
        }
    }

    private static boolean paired(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                ? at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1))
                : at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }

    private static void xml(StringBuilder out, String name, Object value) {
        if (value instanceof List<?> list) {
            list.forEach(item -> xml(out, name, item));
            return;
        }
        out.append('<').append(name).append('>');
        if (value instanceof Fields fields) {
            fields.forEach((key, inner) -> xml(out, key, inner));
        } else {
            xmlText(out, value.toString());
        }
        out.append("</").append(name).append('>');
    }

    private static void xmlText(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '&' -> out.append("&amp;");
                default -> {
                    boolean legal = c >= ' ' && c < '\ufffe' || c == '\n' || c == '\r' || c == '\t';
                    out.append(legal && !(Character.isSurrogate(c) && !paired(text, i)) ? c : '\ufffd');
                }
            }
        }
    }
}
