package io.terway.eni.state;

import io.terway.eni.AssignCall.What;
import io.terway.net.EniId;
import io.terway.net.Family;

/** What can share an assign call: units of one kind and family for one ENI. */
public record Lane(EniId eni, Family family, Kind kind) {

    /** What is counted. */
    public enum Kind {
        ADDRESSES,
        PREFIXES
    }

    public What what(int count) {
        return switch (kind) {
            case ADDRESSES -> new What.Addresses(count);
            case PREFIXES -> new What.Prefixes(count);
        };
    }

    @Override
    public String toString() {
        return eni + " " + family + " " + kind;
    }
}
