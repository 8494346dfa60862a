package io.terway.ipam;

import io.terway.net.Cidr;
import io.terway.net.Ip;
import java.time.Duration;
import java.util.List;

/** How a {@link PoolCommand} ended. */
public sealed interface OperationResult {

    /** The ENI is attached. */
    record EniCreated(CloudEni eni) implements OperationResult {}

    /** These addresses were added: fewer than asked when a part failed, which the next attempt finds out. */
    record Assigned(List<Ip> addresses, List<Cidr> prefixes) implements OperationResult {

        public Assigned {
            addresses = List.copyOf(addresses);
            prefixes = List.copyOf(prefixes);
        }

        /** Single addresses only. */
        public Assigned(List<Ip> addresses) {
            this(addresses, List.of());
        }
    }

    /** Addresses, ENI or route entry are gone. */
    record Removed() implements OperationResult {}

    /** The ENI has its new security groups, or the route entry is there. */
    record Changed() implements OperationResult {}

    /**
     * eni-manager tried and failed.
     *
     * @param why the class
     * @param message for people
     * @param retryAfter eni-manager's advice; zero without any
     */
    record Failed(FailureClass why, String message, Duration retryAfter) implements OperationResult {}

    /** No answer: it may have happened. The same operation is sent again. */
    record Unreached(String message) implements OperationResult {}
}
