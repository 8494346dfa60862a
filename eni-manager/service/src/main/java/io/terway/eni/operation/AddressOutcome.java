package io.terway.eni.operation;

import io.terway.eni.Added;
import io.terway.eni.CloudFailure;

/** What became of an assign or unassign. */
public sealed interface AddressOutcome {

    /** What was added; nothing for an unassign. */
    Added added();

    record Complete(Added added) implements AddressOutcome {}

    /** {@code added} is what was reached before the failure. */
    record Partly(Added added, CloudFailure failure) implements AddressOutcome {}

    AddressOutcome NOTHING = new Complete(Added.NOTHING);

    static AddressOutcome failed(CloudFailure failure) {
        return new Partly(Added.NOTHING, failure);
    }

    /** Both, with the first failure. */
    default AddressOutcome and(AddressOutcome other) {
        Added both = added().and(other.added());
        return switch (this) {
            case Partly(Added _, CloudFailure failure) -> new Partly(both, failure);
            case Complete _ ->
                switch (other) {
                    case Partly(Added _, CloudFailure failure) -> new Partly(both, failure);
                    case Complete _ -> new Complete(both);
                };
        };
    }
}
