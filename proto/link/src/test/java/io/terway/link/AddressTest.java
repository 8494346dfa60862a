package io.terway.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {

    @Test
    void readsTheAddressPartOfAHolderIdentity() {
        assertEquals(Optional.of(new Address("10.0.0.1", 7601)), Address.ofIdentity("10.0.0.1:7601_5f1e"));
        assertEquals(Optional.of(new Address("10.0.0.1", 7601)), Address.ofIdentity("10.0.0.1:7601"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "host", ":7601", "host:0_x", "host:65536", "host:port", "host:123456"})
    void knowsNoAddressInOtherText(String identity) {
        assertTrue(Address.ofIdentity(identity).isEmpty());
    }
}
