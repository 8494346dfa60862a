package io.terway.eni.operation;

import io.terway.eni.CloudFailure;
import io.terway.net.Ip;
import java.util.ArrayList;
import java.util.List;

/** What became of an assign or unassign. */
public sealed interface AddressOutcome {

    /** Addresses that were added; none for an unassign. */
    List<Ip> added();

    record Complete(List<Ip> added) implements AddressOutcome {
        public Complete {
            added = List.copyOf(added);
        }
    }

    /** {@code added} is what was reached before the failure. */
    record Partly(List<Ip> added, CloudFailure failure) implements AddressOutcome {
        public Partly {
            added = List.copyOf(added);
        }
    }

    static AddressOutcome failed(CloudFailure failure) {
        return new Partly(List.of(), failure);
    }

    /** Both, with the first failure. */
    default AddressOutcome and(AddressOutcome other) {
        List<Ip> both = new ArrayList<>(added());
        both.addAll(other.added());
        return switch (this) {
            case Partly(List<Ip> _, CloudFailure failure) -> new Partly(both, failure);
            case Complete _ ->
                switch (other) {
                    case Partly(List<Ip> _, CloudFailure failure) -> new Partly(both, failure);
                    case Complete _ -> new Complete(both);
                };
        };
    }
}
