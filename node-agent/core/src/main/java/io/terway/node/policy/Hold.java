package io.terway.node.policy;

/** What holds one direction of a pod. */
public sealed interface Hold {

    /** Nothing: everything passes. */
    record Free() implements Hold {}

    /** A program of this id. */
    record ByProgram(String id) implements Hold {}

    /** Everything is dropped, because what should judge it is not known. */
    record Isolated() implements Hold {}
}
