package io.terway.ipam;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConfigTableTest {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\|");

    @Test
    void theReadmesTableNamesTheKeysThatAreRead() throws IOException {
        var documented = new TreeSet<String>();
        Matcher rows = ROW.matcher(Files.readString(Path.of("../README.md")));
        while (rows.find()) {
            documented.add(rows.group(1));
        }

        assertEquals(EniConfigReader.knownKeys(), documented);
    }
}
