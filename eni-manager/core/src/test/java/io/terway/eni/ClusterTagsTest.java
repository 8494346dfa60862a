package io.terway.eni;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ClusterTagsTest {

    @Test
    void anEniOfAnotherClusterIsNotOurs() {
        NetworkInterface eni = Samples.eni(EniStatus.AVAILABLE);

        assertTrue(new ClusterTags("c1").owns(eni));
        assertFalse(new ClusterTags("c2").owns(eni));
    }

    @Test
    void aNewEniCarriesClusterOperationAndCreator() {
        Map<String, String> tags = new ClusterTags("c1").forOperation(new OperationId("op-7"), Map.of("team", "a"));

        assertEquals(
                Map.of("team", "a", ClusterTags.CLUSTER, "c1", ClusterTags.OPERATION, "op-7", "creator", "terway"),
                tags);
    }

    @Test
    void callersCannotClaimOurTags() {
        ClusterTags tags = new ClusterTags("c1");
        Map<String, String> claim = Map.of(ClusterTags.CLUSTER, "c2");

        assertThrows(IllegalArgumentException.class, () -> tags.forOperation(new OperationId("op"), claim));
    }

    @Test
    void tokensOfOneOperationDifferByDetailAndFitTheCloudsLimit() {
        OperationId id = new OperationId("x".repeat(OperationId.MAX_LENGTH));

        String token = id.clientToken("vsw-1");

        assertEquals(token, id.clientToken("vsw-1"));
        assertFalse(token.equals(id.clientToken("vsw-2")));
        assertTrue(token.length() <= 64);
    }
}
