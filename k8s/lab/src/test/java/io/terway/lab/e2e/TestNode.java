package io.terway.lab.e2e;

/**
 * A node of the twin.
 *
 * @param instance its number
 * @param uid of its Node
 */
record TestNode(int instance, String zone, String uid) {

    String name() {
        return name(instance);
    }

    static String name(int instance) {
        return "node-" + instance;
    }

    String id() {
        return id(instance);
    }

    static String id(int instance) {
        return "i-bp1node%05d".formatted(instance);
    }
}
