package io.terway.eni;

import java.util.List;

/** One page of ENIs; {@code nextToken} is empty on the last. */
public record EniPage(List<NetworkInterface> enis, String nextToken) {

    public EniPage {
        enis = List.copyOf(enis);
    }
}
