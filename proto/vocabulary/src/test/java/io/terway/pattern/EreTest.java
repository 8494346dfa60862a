package io.terway.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EreTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "/api/v1/.* /api/v1/ true",
                "/api/v1/.* /api/v1/orders/7?x=1 true",
                "/api/v1/.* /api/v1 false",
                "/api/v1/.* x/api/v1/a false",
                "GET|HEAD GET true",
                "GET|HEAD GETHEAD false",
                "(GET|PUT)+ GETPUTGET true",
                "^/a$ /a true",
                "/a^b /ab false",
                "a{2,3} a false",
                "a{2,3} aa true",
                "a{2,3} aaa true",
                "a{2,3} aaaa false",
                "a{2,} aaaaaa true",
                "a{0} a false",
                "[a-c]+[^a-c] abcd true",
                "[]x]+ x]x true",
                "[^]]+ ab] false",
                "[[:digit:]_-]+ 12_-3 true",
                "[\\w.-]+ a_b.c-d true",
                "\\d+\\.\\d+ 1.25 true",
                "\\d+\\.\\d+ 1x25 false",
                "a\\*b a*b true",
                "(a*)* aaaa true",
                "a||b a true",
                "()b b true",
            })
    void anExpressionDescribesWholeTexts(String pattern, String text, boolean matches) {
        assertEquals(matches, Ere.of(pattern).matches(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?:a)",
                "a+?",
                "a++",
                "a*{2}",
                "\\b",
                "(a)\\1",
                "[a",
                "(a",
                "a)",
                "*a",
                "a{",
                "a{3,2}",
                "a{1000}",
                "[b-a]",
                "a\\",
                "[[:nope:]]",
                "[[.a.]]",
                "a{255}{2}",
                "((a{200}){200})",
                "[a-[:digit:]]",
                "\u4e2d"
            })
    void whatIsNoSuchExpressionIsRefusedWithThePatternInTheMessage(String pattern) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Ere.of(pattern));

        assertTrue(refused.getMessage().contains(pattern) || pattern.contains("nope"), refused.getMessage());
    }

    @Test
    void aHostilePatternAndTextTakeBoundedSteps() {
        String text = "a".repeat(8_000) + "!";

        for (String hostile : new String[] {"(a+)+b", "(a|a)*b", "(a*)*b", "(.*)*(.*)*(.*)*x", "(a?){200}a{200}b"}) {
            assertEquals(false, Ere.of(hostile).matches(text), hostile);
        }
    }

    /** Java's own engine is the slow and obvious one, on expressions that both read alike. */
    @Test
    void itAgreesWithAnotherEngineOnGeneratedExpressions() {
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            String pattern = expression(random, 3);
            Pattern obvious = Pattern.compile(pattern);
            Ere ere = Ere.of(pattern);
            for (int j = 0; j < 10; j++) {
                String text = word(random);
                assertEquals(obvious.matcher(text).matches(), ere.matches(text), pattern + " on " + text);
            }
        }
    }

    private static String expression(Random random, int depth) {
        if (depth == 0) {
            return switch (random.nextInt(5)) {
                case 0 -> ".";
                case 1 -> "[ab]";
                case 2 -> "[^a]";
                default -> String.valueOf((char) ('a' + random.nextInt(3)));
            };
        }
        String inner = expression(random, depth - 1);
        return switch (random.nextInt(7)) {
            case 0 -> "(" + inner + "|" + expression(random, depth - 1) + ")";
            case 1 -> "(" + inner + ")*";
            case 2 -> "(" + inner + ")+";
            case 3 -> "(" + inner + ")?";
            case 4 -> "(" + inner + "){1,3}";
            default -> inner + expression(random, depth - 1);
        };
    }

    private static String word(Random random) {
        StringBuilder out = new StringBuilder();
        for (int i = random.nextInt(7); i > 0; i--) {
            out.append((char) ('a' + random.nextInt(4)));
        }
        return out.toString();
    }
}
