package io.terway.ctl.plan;

/** How pods come and go, and the pool sizes that the guide has for it. Constants are spelled as they are typed. */
enum Workload {
    stable(10, 25),
    burst(30, 80),
    batch(50, 150),
    ci(20, 60),
    serverless(40, 200);

    private final int min;
    private final int max;

    Workload(int min, int max) {
        this.min = min;
        this.max = max;
    }

    /** Idle addresses that are kept; never more than an instance has. */
    int min(int podsPerNode) {
        return Math.min(min, podsPerNode);
    }

    int max(int podsPerNode) {
        return Math.min(max, podsPerNode);
    }
}
