package io.terway.eni.sim;

/** What carries the packets of a simulated VPC. */
public interface VpcObserver {

    /** Carries nothing: ENIs are plugged as soon as the cloud is done. */
    VpcObserver NONE = view -> {};

    /**
     * Makes the data plane equal to the view and returns when packets flow accordingly. Called on one thread, one call at
     * a time, with the newest view; the first call comes at the start. An exception is reported and the call repeated
     * after a second; until it succeeds, ENIs that wait for it stay Attaching or Detaching.
     */
    void changed(VpcView view);
}
