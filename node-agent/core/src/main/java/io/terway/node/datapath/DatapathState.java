package io.terway.node.datapath;

/** Host and pod side together. */
public record DatapathState(NetnsState host, NetnsState pod) {

    /** The state of one side. */
    public NetnsState at(Place place) {
        return switch (place) {
            case HOST -> host;
            case POD -> pod;
        };
    }
}
