package io.terway.node.datapath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.terway.net.EniId;
import io.terway.net.SandboxKey;
import io.terway.node.datapath.Conventions.Named;
import io.terway.node.datapath.Conventions.Own;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a link's alias tells when nothing else remembers its sandbox. */
class AliasTest {

    private static final SandboxKey KEY = new SandboxKey("terway", "c0ffee", "eth0");
    private static final EniId ENI = new EniId("eni-1");
    private static final Optional<Named> OWN =
            Optional.of(new Named("c0ffee", "eth0", Optional.of(new Own("cali1", ENI))));

    @Test
    void everyLinkOfASandboxNamesIt() {
        assertEquals(
                Optional.of(new Named("c0ffee", "eth0", Optional.empty())),
                Conventions.sandbox(Conventions.alias(KEY)));
        assertEquals(OWN, Conventions.sandbox(Conventions.slaveAlias(ENI, KEY, "cali1")));
        assertEquals(OWN, Conventions.sandbox(Conventions.eniAlias(ENI, KEY, "cali1")));
    }

    @Test
    void theLongestNamesFitTheKernelsAlias() {
        SandboxKey longest = new SandboxKey("terway", "c".repeat(128), "interface-at-15");
        String alias = Conventions.eniAlias(new EniId("eni-" + "x".repeat(24)), longest, "cali12345678901");
        assertTrue(alias.length() < 256, alias);
    }

    @Test
    void anotherSandboxesLinkIsNotTakenForOurs() {
        SandboxKey longer = new SandboxKey("terway", "c0ffee", "eth01");
        assertTrue(Conventions.isAlias(Conventions.slaveAlias(ENI, KEY, "cali1"), KEY));
        assertFalse(Conventions.isAlias(Conventions.slaveAlias(ENI, longer, "cali1"), KEY));
        assertFalse(Conventions.isAlias(Conventions.alias(longer), KEY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "terway",
                "terway c0ffee",
                "terway c0ffee/",
                "terway /eth0",
                "terway-eni eni-1 eth0",
                "web",
                "terway c0ffee/eth0 cali1",
                "terway c0ffee/eth0 cali1 eth1"
            })
    void otherTextsNameNobody(String alias) {
        assertEquals(Optional.empty(), Conventions.sandbox(alias));
    }
}
